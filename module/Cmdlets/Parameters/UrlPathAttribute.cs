using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>A path of a URL, as it is sent: it begins with a slash, and has neither query nor fragment.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UrlPathAttribute : ValidateArgumentsAttribute
{
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        var path = arguments?.ToString() ?? "";
        if (!path.StartsWith('/'))
            throw new ValidationMetadataException($"A path begins with a slash, as in /health: '{path}' does not.");
        if (path.Any(static letter => letter is <= ' ' or > '~' or '?' or '#'))
            throw new ValidationMetadataException(
                $"A path has visible ASCII characters and neither ? nor #, as in /health: '{path}' has others. Percent-encode "
                    + "them.");
    }
}
