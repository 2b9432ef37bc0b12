using System.ComponentModel;
using System.Diagnostics;

namespace Http.Server.Cgi;

/// <summary>
/// A program started with .NET's own means: on Windows, where there are neither process groups nor users to change
/// to.
/// </summary>
internal sealed class PortableCgiProcess : CgiProcess
{
    private readonly Process _process;

    public PortableCgiProcess(CgiCommand command, string directory, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        try
        {
            _process = Process.Start(start) ?? throw new CgiStartException("the system started nothing");
        }
        catch (Win32Exception exception)
        {
            throw new CgiStartException(exception.Message, exception);
        }
    }

    public override Stream Input => _process.StandardInput.BaseStream;

    public override Stream Output => _process.StandardOutput.BaseStream;

    public override Stream Errors => _process.StandardError.BaseStream;

    public override async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return _process.ExitCode;
    }

    protected override void Signal(bool kill)
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    protected override void Release() => _process.Dispose();
}
