using System.Collections;
using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The table of <c>-ContentType</c>: media types by extension.</summary>
internal static class ContentTypeTable
{
    /// <summary>The types by extensions with their dot, in any case; <c>""</c> is for files without a known extension.</summary>
    /// <exception cref="CommandFailure">A value is no media type.</exception>
    public static Dictionary<string, string> Read(Hashtable table)
    {
        var types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table)
        {
            var extension = entry.Key.ToString()!;
            var type = entry.Value?.ToString() ?? "";
            if (!MediaType.Is(type))
                throw new CommandFailure(
                    $"-ContentType: '{type}' for '{extension}' is no media type: use one such as text/html.",
                    "ContentTypeInvalid", ErrorCategory.InvalidArgument, type);
            types[extension.Length > 0 && extension[0] != '.' ? "." + extension : extension] = type;
        }

        return types;
    }
}
