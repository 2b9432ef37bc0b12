using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell;

/// <summary>
/// A scriptblock that answers requests: what <c>Register-HttpHandler</c> makes and <c>Get-HttpHandler</c>
/// shows.
/// </summary>
public sealed class HttpHandler
{
    private static int LastId;

    private int _calls;

    internal HttpHandler(string name, IReadOnlyList<string> methods, RoutePattern? pattern, string? path, ScriptBlock scriptBlock)
    {
        Id = Interlocked.Increment(ref LastId);
        (Name, Method, Pattern, Path, ScriptBlock) = (name.Length > 0
            ? name
            : "Handler" + Id, methods, pattern, path, scriptBlock);
        var written = scriptBlock.Ast as ScriptBlockAst ?? ((FunctionDefinitionAst)scriptBlock.Ast).Body;
        Inspection = new ScriptInspection(written);
        ClassScript = Engine.ClassScript.Read(written);
        Body = ClassScript?.Tree ?? Handlers.HandlerBody.Make(written);
        RequestParameter = FindRequestParameter(scriptBlock.Ast);
    }

    /// <summary>The handler's number in this session.</summary>
    public int Id { get; }

    /// <summary>The handler's name; <c>Handler</c> and its number if it was not given one.</summary>
    public string Name { get; }

    /// <summary>The methods it answers; <c>*</c> for all.</summary>
    public IReadOnlyList<string> Method { get; private set; }

    /// <summary>The pattern of the paths it answers; null for every path.</summary>
    public string? Path { get; }

    /// <summary>The scriptblock.</summary>
    public ScriptBlock ScriptBlock { get; }

    /// <summary>The server it was registered for; null for all servers of the session.</summary>
    public HttpServerInstance? Server { get; internal init; }

    /// <summary>The Content-Type of what it puts out; null to go by the output.</summary>
    public string? ContentType { get; internal init; }

    /// <summary>How many requests it may answer at once; 0 for as many as the server has workers.</summary>
    public int ThrottleLimit { get; internal init; }

    /// <summary>It is called before the request body has come, and reads that by itself.</summary>
    public bool Stream { get; internal init; }

    /// <summary>How often it has been called.</summary>
    public int Calls => _calls;

    internal RoutePattern? Pattern { get; }

    /// <summary>Where the handler puts out its answer, as far as its text tells: its last statement.</summary>
    internal string Place => Logging.ErrorText.PlaceOf(
        (Body.EndBlock ?? Body.ProcessBlock) is { Statements: [.., var last] }
            ? last is TryStatementAst { Body.Statements: [.., var inner] } ? inner.Extent
            : last.Extent : ScriptBlock.Ast.Extent);

    /// <summary>A line of the script that the handler was written in, with its text; null if the line is of another.</summary>
    internal string? PlaceOf(string? file, int line)
    {
        var extent = ScriptBlock.Ast.Extent;
        var lines = extent.StartScriptPosition.GetFullScript().Split('\n');
        return file == extent.File && line >= extent.StartLineNumber && line <= Math.Min(extent.EndLineNumber, lines.Length)
            ? Logging.ErrorText.PlaceOf(file, line, lines[line - 1])
            : null;
    }

    /// <summary>From which each worker makes a function of its own.</summary>
    internal ScriptBlockAst Body { get; }

    /// <summary>The body, if it defines classes: another function is called in its place then, which calls it.</summary>
    internal Engine.ClassScript? ClassScript { get; }

    internal ScriptInspection Inspection { get; }

    /// <summary>The parameter that takes <c>$Request</c>; null if the scriptblock has none.</summary>
    internal string? RequestParameter { get; }

    /// <summary>The values of <c>$using:</c> as they were at registration; null if there are none.</summary>
    internal IDictionary? UsingValues { get; init; }

    /// <summary>The handler has been unregistered, or replaced.</summary>
    internal bool IsRemoved { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(", ", Method)} {Path ?? "(every path)"}";

    /// <summary>Gives methods up to another handler.</summary>
    /// <returns>False if none is left.</returns>
    internal bool TryGiveUp(IReadOnlyList<string> methods)
    {
        Method = [.. Method.Except(methods)];
        return Method.Count > 0;
    }

    internal void CountCall() => Interlocked.Increment(ref _calls);

    private static string? FindRequestParameter(Ast ast)
    {
        IEnumerable<ParameterAst>? parameters = ast switch
        {
            ScriptBlockAst { ParamBlock.Parameters: var own } => own,
            FunctionDefinitionAst { Body.ParamBlock.Parameters: var own } => own,
            FunctionDefinitionAst { Parameters: var own } => own,
            _ => null,
        };
        var names = parameters?.Select(static parameter => parameter.Name.VariablePath.UserPath).ToList();
        return names is null or [] ? null : names.Find(static name => name.Equals("Request", StringComparison.OrdinalIgnoreCase))
            ?? names[0];
    }
}
