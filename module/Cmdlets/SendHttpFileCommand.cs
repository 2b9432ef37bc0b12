using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Answers the request of a handler with a file's content, as the files of the directory are sent.</summary>
[Cmdlet(VerbsCommunications.Send, "HttpFile", DefaultParameterSetName = ByPath, HelpUri = HelpPage.Uri)]
public sealed class SendHttpFileCommand : PSCmdlet
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";

    private string? _file;

    /// <summary>The file; wildcards are allowed, and must mean one file.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The file, as it is named; takes what Get-Item puts out.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "LP", "FullName")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    /// <summary>Its Content-Type; by default its name tells it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MediaTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ContentType { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var file in Files())
        {
            if (_file is not null)
                Fail($"A request is answered with one file, not with {_file} and {file}: choose one, or put out an archive.",
                    "SeveralFiles", file);
            _file = file;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_file is null)
            return;
        if (ScriptWorker.OfThisThread?.Context?.Response is not ScriptResponse response)
        {
            Fail("Send-HttpFile answers a request, and there is none here: use it in a handler of Register-HttpHandler.",
                "NoRequest", _file);
            return;
        }

        response.SendFile(_file, ContentType ?? response.ContentType);
    }

    private System.Collections.ObjectModel.Collection<string> Files() => ParameterSetName == ByPath
        ? GetResolvedProviderPathFromPSPath(Path!, out _)
        : [SessionState.Path.GetUnresolvedProviderPathFromPSPath(LiteralPath!)];

    private void Fail(string message, string errorId, object target) =>
        ThrowTerminatingError(new ErrorRecord(new InvalidOperationException(message), errorId, ErrorCategory.InvalidOperation,
            target));
}
