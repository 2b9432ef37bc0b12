using System.Globalization;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Handlers.Json;

namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// The answer to a request whose values a handler's parameters do not take: 400 as problem details (RFC 9457), whose member
/// <c>errors</c> names each parameter and says why.
/// </summary>
internal static class ParameterProblem
{
    public static void Send(ScriptHttpRequestHandler handler, IReadOnlyList<ParameterFault> faults)
    {
        var json = new JsonText();
        json.Open(isArray: false);
        Write(json, "type", "about:blank");
        Write(json, "title", "Bad Request");
        json.Name("status");
        json.Raw("400"u8);
        Write(json, "detail", string.Join(' ', faults.Select(static fault => fault.Detail)));
        json.Name("errors");
        json.Open(isArray: true);
        foreach (var fault in faults)
        {
            json.Open(isArray: false);
            if (fault.Parameter is not null)
                Write(json, "parameter", fault.Parameter);
            Write(json, "detail", fault.Detail);
            json.Close(isArray: false);
        }

        json.Close(isArray: true);
        json.Close(isArray: false);
        handler.SendResponse(400);
        handler.SendHeader("Content-Type", "application/problem+json");
        handler.SendHeader("Content-Length", json.Written.Length.ToString(CultureInfo.InvariantCulture));
        handler.EndHeaders();
        handler.Body.Write(json.Written);
    }

    private static void Write(JsonText json, string name, string value)
    {
        json.Name(name);
        json.String(value);
    }
}
