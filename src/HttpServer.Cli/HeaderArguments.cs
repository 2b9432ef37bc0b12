namespace Http.Server.Cli;

/// <summary>The option <c>-H NAME VALUE</c>: the one that takes two values each time it is given.</summary>
internal static class HeaderArguments
{
    /// <summary>No argument of a process can hold it.</summary>
    private const char Separator = '\0';

    /// <summary>Makes one argument of each name and value, since the parser gives an option one value each time.</summary>
    public static string[] Join(string[] args)
    {
        var joined = new List<string>(args.Length);
        for (var at = 0; at < args.Length; at++)
        {
            joined.Add(args[at]);
            if (args[at] == "--")
            {
                joined.AddRange(args[(at + 1)..]);
                break;
            }

            if (args[at] is "-H" or "--header" && at + 2 < args.Length)
            {
                joined.Add(args[at + 1] + Separator + args[at + 2]);
                at += 2;
            }
        }

        return [.. joined];
    }

    /// <summary>A text for a message: name and value apart again.</summary>
    public static string Show(string text) => text.Replace(Separator, ' ');
}
