using System.Text;
using Http.Server.Authentication;
using Http.Server.Headers;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>The page by which users of a scheme log in: browsers are sent there, other clients are told 401.</summary>
internal static class LoginPage
{
    /// <summary>Longest address, in bytes, that is passed on to the page; browsers and proxies have limits of 8,192.</summary>
    private const int MaxReturnTarget = 2048;

    /// <summary>The page of the first scheme that has one; null for none.</summary>
    public static string? Of(List<IScheme> schemes)
    {
        foreach (var scheme in schemes)
        {
            if (scheme.LoginPath is { } path)
                return path;
        }

        return null;
    }

    /// <summary>Whether a request is for the page, by any method, written as it is there and in no other way.</summary>
    public static bool IsAskedFor(IHandlerContext context, string path)
    {
        var target = TargetOf(context);
        var mark = target.IndexOf((byte)'?');
        return Ascii.Equals(mark < 0 ? target : target[..mark], path);
    }

    /// <summary>Whether a client shows pages, and is not there yet.</summary>
    public static bool MaySendTo(IHandlerContext context, string path)
    {
        var input = context.Connection.Input;
        var accept = Encoding.Latin1.GetString(RepeatedField.Read(input.Head, input.HeadBytes, "accept"u8));
        return accept.Contains("text/html", StringComparison.OrdinalIgnoreCase) && !IsAskedFor(context, path);
    }

    /// <summary>Sends a client there. What it would change, with a form say, it does not ask for again afterwards.</summary>
    public static void SendTo(IHandlerContext context, string path)
    {
        var target = TargetOf(context);
        var isSafe = context.Command is "GET" or "HEAD";
        var location = isSafe && target.Length is > 0 and <= MaxReturnTarget
            ? $"{path}?returnTo={Uri.EscapeDataString(Encoding.Latin1.GetString(target))}"
            : path;
        context.SendResponse(isSafe ? 302 : 303);
        context.SendHeader("Location", location);
        context.SendHeader("Cache-Control", "no-store");
        context.SendHeader("Content-Length", "0");
        context.EndHeaders();
    }

    private static ReadOnlySpan<byte> TargetOf(IHandlerContext context) =>
        context.Connection.Input.Head.PathAndQuery.Of(context.Connection.Input.HeadBytes);
}
