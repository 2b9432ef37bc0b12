using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Handlers.Schemes;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>What the module's cmdlets have in common.</summary>
public abstract class HttpServerCommand : PSCmdlet
{
    private protected static HttpServerSession Session => HttpServerSession.Of(Runspace.DefaultRunspace);

    /// <summary>Reports an error and goes on.</summary>
    private protected void Report(string message, string errorId, ErrorCategory category, object? target) =>
        WriteError(MakeError(message, errorId, category, target));

    /// <summary>Reports an error and ends the cmdlet.</summary>
    private protected void Fail(string message, string errorId, ErrorCategory category, object? target) =>
        Fail(MakeError(message, errorId, category, target));

    /// <inheritdoc cref="Fail(string, string, ErrorCategory, object?)"/>
    private protected virtual void Fail(ErrorRecord record) => ThrowTerminatingError(record);

    /// <summary>Ends the cmdlet if it was given what no parameter takes; a scriptblock is the braces of a path.</summary>
    private protected void Refuse(object[] rest, string usage)
    {
        if (rest.Select(Unwrap).FirstOrDefault(static value => value is ScriptBlock) is { } braces)
            Fail(PatternQuotes.Missing, "PatternNotQuoted", ErrorCategory.InvalidArgument, braces);
        if (rest is [var first, ..])
            Fail($"There is no parameter for '{first}': {usage}", "ArgumentUnknown", ErrorCategory.InvalidArgument, first);
    }

    /// <summary>Ends the cmdlet if one of the names is no authentication of the session.</summary>
    private protected void CheckAuthentications(IEnumerable<string> names)
    {
        foreach (var name in names.Where(static name => Session.FindAuthentication(name) is null))
            Fail($"There is no authentication '{name}' in this session: register it before with Register-HttpAuthentication.",
                "AuthenticationNotFound", ErrorCategory.ObjectNotFound, name);
    }

    /// <summary>Ends the cmdlet if one of the names is an authentication that a server without TLS can never meet.</summary>
    private protected void CheckTransport(IEnumerable<string> names, string server)
    {
        foreach (var name in names.Where(
            static name => Session.FindAuthentication(name) is { Type: RegisteredScheme.Certificate }))
            Fail($"{server} speaks plain HTTP, over which no client can show the certificate that the authentication {name} "
                + "asks for: serve HTTPS with -CertificatePath or -SelfSigned.",
                "AuthenticationNeedsTls", ErrorCategory.InvalidArgument, name);
    }

    /// <summary>Ends the cmdlet if one of the names is an authentication that a server without sessions can never meet.</summary>
    private protected void CheckSessions(IEnumerable<string> names, string server)
    {
        foreach (var name in names.Where(static name => Session.FindAuthentication(name) is { Type: RegisteredScheme.Session }))
            Fail($"{server} keeps no sessions, by which the authentication {name} knows its users: start it with -Session.",
                "AuthenticationNeedsSession", ErrorCategory.InvalidArgument, name);
    }

    /// <summary>The authentications of these names, wildcards allowed; a name without one is reported.</summary>
    private protected IEnumerable<HttpAuthentication> FindAuthentications(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var found = Session.Authentications.Where(known => pattern.IsMatch(known.Name)).ToList();
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                Report($"There is no authentication '{name}' in this session. Get-HttpAuthentication shows those there are.",
                    "AuthenticationNotFound", ErrorCategory.ObjectNotFound, name);
            foreach (var authentication in found)
                yield return authentication;
        }
    }

    /// <summary>The timers of a name, wildcards allowed; a name without one is reported.</summary>
    private protected IReadOnlyList<HttpTimer> FindTimers(string name)
    {
        var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
        var found = Session.Timers.All().Where(timer => pattern.IsMatch(timer.Name)).ToArray();
        if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            Report($"There is no timer named '{name}'. Get-HttpTimer shows those there are.", "TimerNotFound",
                ErrorCategory.ObjectNotFound, name);
        return found;
    }

    /// <summary>Tells handlers whose pattern is this one, as it was written or with wildcards.</summary>
    private protected static Func<HttpHandler, bool> PathIs(string path)
    {
        var pattern = WildcardPattern.Get(path, WildcardOptions.IgnoreCase);
        return handler => handler.Path is { } own
            && (pattern.IsMatch(own) || own.Equals(path, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The servers of these names, wildcards allowed; a name without one is reported.</summary>
    private protected IEnumerable<HttpServerInstance> FindByName(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var found = Session.Servers.Where(server => pattern.IsMatch(server.Name)).ToList();
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                Report($"There is no server named '{name}' in this session. Get-HttpServer shows those there are.",
                    "ServerNotFound", ErrorCategory.ObjectNotFound, name);
            foreach (var server in found)
                yield return server;
        }
    }

    /// <summary>The servers of these numbers; a number without one is reported.</summary>
    private protected IEnumerable<HttpServerInstance> FindById(IEnumerable<int> ids) =>
        Find(ids, static server => server.Id, "number");

    /// <summary>The servers at these ports; a port without one is reported.</summary>
    private protected IEnumerable<HttpServerInstance> FindByPort(IEnumerable<int> ports) =>
        Find(ports, static server => server.Port, "port");

    /// <summary>A server given as an object, by name, with wildcards, or by number; what is not there is reported.</summary>
    private protected IReadOnlyList<HttpServerInstance> FindServers(object given) => Unwrap(given) switch
    {
        HttpServerInstance server => [server],
        int id => [.. FindById([id])],
        IEnumerable items and not string => [.. items.Cast<object>().SelectMany(FindServers).Distinct()],
        var name => [.. FindByName([name?.ToString() ?? ""])],
    };

    private protected static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private IEnumerable<HttpServerInstance> Find(IEnumerable<int> values, Func<HttpServerInstance, int> read, string what)
    {
        foreach (var value in values)
        {
            var found = Session.Servers.Where(server => read(server) == value).ToList();
            if (found.Count == 0)
                Report($"There is no server with the {what} {value} in this session. Get-HttpServer shows those there are.",
                    "ServerNotFound", ErrorCategory.ObjectNotFound, value);
            foreach (var server in found)
                yield return server;
        }
    }

    private protected static ErrorRecord MakeError(string message, string errorId, ErrorCategory category, object? target) =>
        new(new InvalidOperationException(message), errorId, category, target);
}
