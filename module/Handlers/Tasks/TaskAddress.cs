using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>What a path asks of which task.</summary>
/// <param name="Id">The task's id.</param>
/// <param name="IsResult">The result alone is asked for, in the place of the state.</param>
internal readonly record struct TaskAddress(string Id, bool IsResult)
{
    private const string Result = "result";

    /// <summary>Random digits of an id: 128 bits.</summary>
    private const int RandomLength = 32;

    /// <summary>Digits that name the schemes by which its users log in, where these are not the server's.</summary>
    private const int SchemesLength = 8;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private static readonly string[] MethodsOfTask = ["GET", "HEAD", "DELETE", "OPTIONS"];

    private static readonly string[] MethodsOfResult = ["GET", "HEAD", "OPTIONS"];

    /// <summary>The methods for it.</summary>
    public IReadOnlyList<string> Methods => IsResult ? MethodsOfResult : MethodsOfTask;

    /// <summary>What names the schemes; null if they are the server's.</summary>
    public string? Schemes => Id.Length > RandomLength ? Id[(RandomLength + 1)..] : null;

    /// <summary>Makes an id that nobody can guess.</summary>
    /// <param name="schemes">What names the schemes of the handler that starts the task; null for those of the server.</param>
    public static string MakeId(string? schemes)
    {
        var random = RandomNumberGenerator.GetHexString(RandomLength, lowercase: true);
        return schemes is null ? random : $"{random}-{schemes}";
    }

    /// <summary>What names schemes in ids, the same in all processes: a part of a digest.</summary>
    /// <param name="names">Their names, in any case; none for those of the server.</param>
    public static string? NameOf(IReadOnlyList<string> names) => names.Count == 0
        ? null
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', names.Select(static name => name.ToUpperInvariant())))))[..SchemesLength];

    /// <summary>Reads a path. Nothing is looked up: it has the form of a task's path, or not.</summary>
    /// <param name="root">The segments of the path that tasks lie below.</param>
    /// <param name="segments">The decoded segments of the path; null for one that the server refuses.</param>
    /// <param name="address">The result.</param>
    public static bool TryRead(IReadOnlyList<string> root, IReadOnlyList<string>? segments, out TaskAddress address)
    {
        address = default;
        if (segments is null || segments.Count <= root.Count || segments.Count > root.Count + 2 || !IsId(segments[root.Count]))
            return false;
        for (var at = 0; at < root.Count; at++)
        {
            if (segments[at] != root[at])
                return false;
        }

        var isResult = segments.Count == root.Count + 2;
        if (isResult && segments[^1] != Result)
            return false;
        address = new TaskAddress(segments[root.Count], isResult);
        return true;
    }

    private static bool IsId(string text) => text.Length is RandomLength or RandomLength + 1 + SchemesLength
        && text.AsSpan(0, RandomLength).IndexOfAnyExcept(Digits) < 0
        && (text.Length == RandomLength
            || (text[RandomLength] == '-' && text.AsSpan(RandomLength + 1).IndexOfAnyExcept(Digits) < 0));
}
