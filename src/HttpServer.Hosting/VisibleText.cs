namespace Http.Server.Hosting;

/// <summary>Texts for terminals and logs.</summary>
public static class VisibleText
{
    /// <summary>The text with control characters as <c>\x0a</c>, so that it is one line and cannot steer a terminal.</summary>
    /// <param name="text">Any text.</param>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var letter in text)
        {
            if (char.IsControl(letter))
                return string.Concat(text.Select(static one => char.IsControl(one) ? $"\\x{(int)one:x2}" : one.ToString()));
        }

        return text;
    }
}
