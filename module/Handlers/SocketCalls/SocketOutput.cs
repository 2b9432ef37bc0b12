using System.Management.Automation;
using System.Text;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers.Json;
using Http.Server.WebSockets;

namespace Http.Server.PowerShell.Handlers.SocketCalls;

/// <summary>Objects as messages: texts as they are, bytes as binary messages, anything else as JSON.</summary>
internal static class SocketOutput
{
    /// <summary>Sends what a script has put out, each object as a message. Called on the worker's thread.</summary>
    public static void Send(HttpWebSocket socket, List<PSObject> output, ScriptWorker worker)
    {
        if (output.Count == 0)
            return;
        if (ScriptAnswer.BytesOf(output) is { } bytes)
        {
            socket.Post(bytes);
            return;
        }

        foreach (var value in output)
        {
            switch (value?.BaseObject)
            {
                case null:
                    break;
                case string or char:
                    socket.Post(value.BaseObject.ToString()!);
                    break;
                default:
                    socket.Post(Encoding.UTF8.GetString(JsonOutput.Write(value, worker)));
                    break;
            }
        }
    }

    /// <summary>An object as a message, made within a command, in which scripts may run.</summary>
    /// <returns>A text or bytes.</returns>
    public static object MessageOf(object? value)
    {
        var bare = value is PSObject wrapped ? wrapped.BaseObject : value;
        return bare switch
        {
            string text => text,
            char letter => letter.ToString(),
            // The engine may give the very array that a script goes on to write to.
            byte[] bytes => bytes.ToArray(),
            _ => JsonOutput.WriteWithin(value),
        };
    }
}
