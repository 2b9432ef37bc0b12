using System.Management.Automation;
using System.Management.Automation.Language;
using System.Security.Cryptography.X509Certificates;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Cmdlets.Starting;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Schemes;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Registers a way in which clients say who they are, for handlers and servers to ask for by its name.</summary>
[Cmdlet(VerbsLifecycle.Register, "HttpAuthentication", SupportsShouldProcess = true, DefaultParameterSetName = ByBearer,
    HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpAuthentication))]
public sealed class RegisterHttpAuthenticationCommand : HttpServerCommand
{
    private const string ByBearer = "Bearer";
    private const string ByKey = "ApiKey";
    private const string ByPassword = "Basic";
    private const string ByToken = "Jwt";
    private const string ByCertificate = "ClientCertificate";
    private const string ByIdentity = "Negotiate";
    private const string BySession = RegisteredScheme.Session;

    /// <summary>
    /// Counted down from the top, where the numbers of handlers do not come: they name functions of the workers.
    /// </summary>
    private static int LastScriptId = int.MaxValue;

    /// <summary>The name, by which handlers and servers ask for it, and which clients see as the realm.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Takes tokens in the field Authorization, and gives the user of one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByBearer)]
    [ValidateNotNull]
    public ScriptBlock? Bearer { get; set; }

    /// <summary>Takes keys, and gives the user of one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByKey)]
    [ValidateNotNull]
    public ScriptBlock? ApiKey { get; set; }

    /// <summary>Takes names and passwords, and gives the user of one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByPassword)]
    [ValidateNotNull]
    public ScriptBlock? Basic { get; set; }

    /// <summary>The field of a key; default X-Api-Key, if neither -Query nor -Cookie is given.</summary>
    [Parameter(ParameterSetName = ByKey)]
    [ValidateNotNullOrEmpty]
    public string? Header { get; set; }

    /// <summary>The name of a key in the query, where it also stands in logs.</summary>
    [Parameter(ParameterSetName = ByKey)]
    [ValidateNotNullOrEmpty]
    public string? Query { get; set; }

    /// <summary>The cookie of a key.</summary>
    [Parameter(ParameterSetName = ByKey)]
    [ValidateNotNullOrEmpty]
    public string? Cookie { get; set; }

    /// <summary>Takes tokens that an issuer has signed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByToken)]
    public SwitchParameter Jwt { get; set; }

    /// <summary>The key of the issuer: a public key or a certificate in PEM, a certificate, or a secret.</summary>
    [Parameter(ParameterSetName = ByToken)]
    [ValidateNotNull]
    public object? Key { get; set; }

    /// <summary>A file with the keys of the issuer, a JWKS.</summary>
    [Parameter(ParameterSetName = ByToken)]
    [ValidateNotNullOrEmpty]
    public string? JwksPath { get; set; }

    /// <summary>What the claim iss has to be.</summary>
    [Parameter(ParameterSetName = ByToken)]
    [ValidateNotNullOrEmpty]
    public string? Issuer { get; set; }

    /// <summary>What the claim aud has to name.</summary>
    [Parameter(ParameterSetName = ByToken)]
    [ValidateNotNullOrEmpty]
    public string? Audience { get; set; }

    /// <summary>Takes certificates that clients show in the TLS handshake.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByCertificate)]
    public SwitchParameter ClientCertificate { get; set; }

    /// <summary>A file with certificates of the authorities, in PEM.</summary>
    [Parameter(ParameterSetName = ByCertificate)]
    [ValidateNotNullOrEmpty]
    public string? AuthorityPath { get; set; }

    /// <summary>The certificates by their hashes, SHA-256 or SHA-1.</summary>
    [Parameter(ParameterSetName = ByCertificate)]
    [ValidateNotNullOrEmpty]
    public string[] Thumbprint { get; set; } = [];

    /// <summary>Takes tokens of Kerberos, and of NTLM where the system has it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByIdentity)]
    public SwitchParameter Negotiate { get; set; }

    /// <summary>Takes users whom a handler has put into their session: $Session.User = ...</summary>
    [Parameter(Mandatory = true, ParameterSetName = BySession)]
    public new SwitchParameter Session { get; set; }

    /// <summary>The path of the page by which users log in: browsers are sent there.</summary>
    [Parameter(ParameterSetName = BySession)]
    [UrlPath]
    public string? LoginPath { get; set; }

    /// <summary>Gives the user of a certificate, or of an identity, that is good; without it, that names the user.</summary>
    [Parameter(ParameterSetName = ByCertificate)]
    [Parameter(ParameterSetName = ByIdentity)]
    [ValidateNotNull]
    public ScriptBlock? User { get; set; }

    /// <summary>Seconds for which a user is remembered; 0 for not. Default 60.</summary>
    [Parameter(ParameterSetName = ByBearer)]
    [Parameter(ParameterSetName = ByKey)]
    [Parameter(ParameterSetName = ByPassword)]
    [Parameter(ParameterSetName = ByCertificate)]
    [Seconds]
    [ValidateRange(0, 86_400)]
    public double RememberTime { get; set; } = AuthenticationScheme.DefaultRememberTime.TotalSeconds;

    /// <summary>Takes the place of one of the same name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The authentication is put out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!Force && HttpServerCommand.Session.FindAuthentication(Name) is { } known)
            Fail($"There is an authentication {known.Name} already. Use -Force to put this one in its place.",
                "AuthenticationExists", ErrorCategory.ResourceExists, known);
        var script = Bearer ?? ApiKey ?? Basic ?? User;
        var registered = ParameterSetName switch
        {
            ByToken => RegisterTokens(),
            ByCertificate => RegisterCertificates(),
            ByIdentity => RegisterIdentities(),
            BySession => new RegisteredScheme(Name, BySession, null, _ => AuthenticationScheme.Session(Name, LoginPath))
            { LoginPath = LoginPath },
            _ => Register(script!),
        };
        // What is wrong with a name is said now, and not when a server needs it.
        Try(registered);
        if (!ShouldProcess(Name, $"Register {registered.Type} authentication"))
            return;
        var authentication = new HttpAuthentication(registered, script);
        HttpServerCommand.Session.Add(authentication);
        if (PassThru)
            WriteObject(authentication);
    }

    private RegisteredScheme Register(ScriptBlock script)
    {
        var time = TimeSpan.FromSeconds(RememberTime);
        var callable = Read(script);
        var places = new SchemePlaces
        {
            Header = Header ?? (Query is null && Cookie is null ? "X-Api-Key" : null),
            Query = Query,
            Cookie = Cookie,
        };
        return ParameterSetName switch
        {
            ByBearer => new RegisteredScheme(Name, "Bearer", callable, workers => AuthenticationScheme.Bearer(Name,
                (token, cancellation) => new SchemeCall(callable, token).RunAsync(workers(), cancellation), time)),
            ByKey => new RegisteredScheme(Name, "ApiKey", callable, workers => AuthenticationScheme.ApiKey(Name,
                (key, cancellation) => new SchemeCall(callable, key).RunAsync(workers(), cancellation),
                places.Header, places.Query, places.Cookie, time))
            { Places = places },
            _ => new RegisteredScheme(Name, "Basic", callable, workers => AuthenticationScheme.Basic(Name,
                (user, password, cancellation) => new SchemeCall(callable, SecretText.MakeCredential(user, password))
                    .RunAsync(workers(), cancellation), time)),
        };
    }

    private RegisteredScheme RegisterTokens()
    {
        if (Key is null == JwksPath is null)
            Fail("Give the key of the issuer with -Key, or a file of its keys with -JwksPath.", "AuthenticationKey",
                ErrorCategory.InvalidArgument, Name);
        var path = JwksPath is null ? null : new SessionPaths(SessionState.Path).Resolve(JwksPath, "-JwksPath");
        var key = path is null ? SecretText.BytesOf(Unwrap(Key)) : null;
        if (path is null && key is null)
            Fail("-Key takes a text (PEM, or a secret), bytes, a SecureString or a certificate.", "AuthenticationKey",
                ErrorCategory.InvalidArgument, Name);
        return new RegisteredScheme(Name, "Bearer", null, _ => path is null
            ? AuthenticationScheme.Jwt(Name, key!, Issuer, Audience)
            : AuthenticationScheme.JwtFromFile(Name, path, Issuer, Audience))
        { Places = new SchemePlaces { TakesJwt = true } };
    }

    private RegisteredScheme RegisterCertificates()
    {
        if (AuthorityPath is null && Thumbprint.Length == 0)
            Fail("Every certificate would do: give the authority that issues them with -AuthorityPath, or -Thumbprint.",
                "AuthenticationCertificate", ErrorCategory.InvalidArgument, Name);
        var time = TimeSpan.FromSeconds(RememberTime);
        var path = AuthorityPath is null ? null : new SessionPaths(SessionState.Path).Resolve(AuthorityPath, "-AuthorityPath");
        var callable = User is null ? null : Read(User);
        return new RegisteredScheme(Name, RegisteredScheme.Certificate, callable, workers =>
        {
            Func<X509Certificate2, CancellationToken, ValueTask<HttpUser?>>? findUser = callable is null ? null
                : (certificate, cancellation) => new SchemeCall(callable, certificate).RunAsync(workers(), cancellation);
            return path is null
                ? AuthenticationScheme.ClientCertificate(Name, null, Thumbprint, findUser, time)
                : AuthenticationScheme.ClientCertificateFromFile(Name, path, Thumbprint, findUser, time);
        });
    }

    private RegisteredScheme RegisterIdentities()
    {
        var callable = User is null ? null : Read(User);
        return new RegisteredScheme(Name, "Negotiate", callable, workers => AuthenticationScheme.Negotiate(Name,
            callable is null ? null
                : (identity, cancellation) => new SchemeCall(callable, identity).RunAsync(workers(), cancellation)));
    }

    private void Try(RegisteredScheme registered)
    {
        try
        {
            registered.Make(static () => throw new InvalidOperationException("There is no server yet."));
        }
        catch (ArgumentException exception)
        {
            Fail(exception.Message, "AuthenticationInvalid", ErrorCategory.InvalidArgument, Name);
        }
    }

    /// <summary>A block that does not look at the credential would let everybody in, or nobody.</summary>
    private CallableScript Read(ScriptBlock script)
    {
        var parameters = (script.Ast as ScriptBlockAst)?.ParamBlock?.Parameters;
        if (parameters is not { Count: 1 })
            Fail($"The block of -{(User is null ? ParameterSetName : nameof(User))} has one parameter, which takes "
                + ParameterSetName switch
                {
                    ByPassword => "a PSCredential with the user and the password: { param($Credential) ... }.",
                    ByCertificate => "the client's certificate: { param($Certificate) ... }.",
                    ByIdentity => "the client's identity: { param($Identity) ... }.",
                    _ => "the text that the client sends: { param($Token) ... }.",
                },
                "AuthenticationParameter", ErrorCategory.InvalidArgument, script);
        return new CallableScript(Interlocked.Decrement(ref LastScriptId), script, HandlerBody.Make,
            new ScriptParameters { Request = parameters![0].Name.VariablePath.UserPath })
        { SessionValues = CapturedValues.Of(script, SessionState, "authentication", Fail) };
    }
}
