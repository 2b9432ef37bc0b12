using Http.Server.PowerShell.Handlers;

namespace Http.Server.PowerShell.Servers;

/// <summary>Makes the handlers of connections, and gives them the server's settings.</summary>
internal sealed class HandlerFactory(StartSettings settings, IHandlerHost host)
{
    /// <summary>A handler that calls scripts, and serves files and CGI programs beside them.</summary>
    public ScriptHttpRequestHandler Create()
    {
        var handler = new ScriptHttpRequestHandler(host)
        {
            Authentication = settings.Authentication,
            Access = settings.Rules,
        };
        ServeFiles(handler);
        handler.CgiDirectories = settings.ServesFiles ? settings.Cgi.Directories : [];
        return handler;
    }

    /// <summary>Gives a handler of a class the settings. A class may have users of its own.</summary>
    public void Configure(BaseHttpRequestHandler handler)
    {
        handler.Authentication = settings.Authentication ?? handler.Authentication;
        handler.Access = host.Routes.ServerPolicy ?? settings.Rules ?? handler.Access;
        if (handler is SimpleHttpRequestHandler files)
            ServeFiles(files);
        else
            handler.ProtocolVersion = settings.Protocol;
    }

    private void ServeFiles(SimpleHttpRequestHandler handler)
    {
        handler.Directory = settings.Directory;
        handler.ProtocolVersion = settings.Protocol;
        handler.ExtraHeaders = settings.Headers;
        handler.ExtensionsMap = settings.ContentTypes;
        settings.Site.ApplyToSite(handler);
        if (settings.IndexPages is { } pages)
            handler.IndexPages = pages;
        if (handler is CgiHttpRequestHandler cgi)
            settings.Cgi.ApplyTo(cgi);
    }
}
