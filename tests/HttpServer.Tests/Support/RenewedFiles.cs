using System.Globalization;

namespace Http.Server.Tests.Support;

/// <summary>Files that a program replaces at each renewal.</summary>
/// <param name="folder">Where they lie.</param>
/// <param name="way">
/// <c>written over</c>, as lego does; <c>renamed</c> into their place; <c>linked</c>, as certbot does: links in one folder lead to files in
/// another one, and are removed and made anew.
/// </param>
internal sealed class RenewedFiles(TempDirectory folder, string way)
{
    /// <summary>Replaces one.</summary>
    /// <returns>Its path, which stays the same.</returns>
    public string Replace(string name, string content, int renewal)
    {
        var path = Path.Combine(folder.MakeDirectory("live"), name);
        var number = renewal.ToString(CultureInfo.InvariantCulture);
        switch (way)
        {
            case "written over":
                Write(path, content, renewal);
                break;
            case "renamed":
                Write(path + ".new", content, renewal);
                File.Move(path + ".new", path, overwrite: true);
                break;
            default:
                var target = Path.Combine(folder.MakeDirectory("archive"), number + name);
                Write(target, content, renewal);
                File.Delete(path);
                File.CreateSymbolicLink(path, Path.Combine("..", "archive", number + name));
                break;
        }

        return path;
    }

    private static void Write(string path, string content, int renewal)
    {
        File.WriteAllText(path, content);
        // A file system may have but one time for all that happens in a few milliseconds.
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-100).AddMinutes(renewal));
    }
}
