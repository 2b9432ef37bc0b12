using System.Collections;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Security;
using Http.Server.Hosting;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>
/// The JSON file of <c>-ConfigPath</c>, whose settings become parameters of the cmdlet. Parameters that are given win.
/// </summary>
/// <param name="command">The cmdlet.</param>
/// <param name="servesFiles">False with <c>-NoFiles</c>, which takes no settings about files.</param>
internal sealed class ConfigurationFile(PSCmdlet command, bool servesFiles)
{
    /// <summary>Sets the parameters that the file has.</summary>
    /// <param name="path">The file's full path. Paths in the file are relative to its folder.</param>
    /// <exception cref="CommandFailure">The file cannot be read, or has a setting that is not valid.</exception>
    public void Apply(string path)
    {
        try
        {
            foreach (var member in SettingsFile.Read(path).Where(static member => member.IsOn))
                Set(member.InFolder(Path.GetDirectoryName(path)!));
        }
        catch (SettingsFileException exception)
        {
            throw new CommandFailure(exception.Message, "ConfigurationInvalid", ErrorCategory.InvalidData, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                $"Cannot read the configuration: {exception.Message.TrimEnd('.')}. Give a file that can be read with "
                + "-ConfigPath.", "ConfigurationNotReadable", ErrorCategory.OpenError, path);
        }
    }

    private void Set(SettingValue member)
    {
        var name = ConfigParameters.NameOf(member.Setting.Name);
        if (IsReplaced(member.Setting, name))
            return;
        if (command.GetType().GetProperty(name) is not { } property
            || property.GetCustomAttribute<ParameterAttribute>() is not { } parameter)
            throw new SettingsFileException(
                $"{member.Place}: \"{member.Setting.Name}\" is for the command line alone: Start-HttpServer has nothing like "
                    + "it.");
        if (!servesFiles && parameter.ParameterSetName == StartParameterSets.Files)
            throw new SettingsFileException(
                $"{member.Place}: \"{member.Setting.Name}\" is about files, of which none are served with -NoFiles. Leave one "
                    + "of them out.");
        try
        {
            var value = ToParameter(member, property.PropertyType);
            var checks = new Collection<Attribute>([.. property.GetCustomAttributes<ValidateArgumentsAttribute>()]);
            // The engine alone can call the parameter's checks; it does so for a variable that has them.
            property.SetValue(command, new PSVariable(name, value, ScopedItemOptions.None, checks).Value);
        }
        catch (ValidationMetadataException exception)
        {
            throw new SettingsFileException($"{member.Place}: {Explain(property, exception)}");
        }
        catch (PSInvalidCastException exception)
        {
            throw new SettingsFileException(
                $"{member.Place}: -{name} does not take this: {(exception.InnerException ?? exception).Message}");
        }
    }

    /// <summary>Whether a parameter that was given takes the place of a setting: its own, or another one for the same.</summary>
    private bool IsReplaced(Setting setting, string name)
    {
        var given = command.MyInvocation.BoundParameters;
        return given.ContainsKey(name)
            || (name == nameof(CredentialParameters.CredentialPath)
                && given.ContainsKey(nameof(CredentialParameters.Credential)))
            || (setting.Name.StartsWith("tls-", StringComparison.Ordinal)
                && Array.Exists(CertificateParameters.Names, given.ContainsKey));
    }

    /// <summary>What the parameter takes, in words: the engine's are about variables.</summary>
    private static string Explain(PropertyInfo property, Exception exception)
    {
        if (property.GetCustomAttribute<ValidateRangeAttribute>() is { MinRange: not null } range)
            return string.Create(CultureInfo.InvariantCulture,
                $"-{property.Name} takes a number from {range.MinRange} to {range.MaxRange}.");
        return property.GetCustomAttribute<ValidateSetAttribute>() is { } set
            ? $"-{property.Name} takes {string.Join(" or ", set.ValidValues)}."
            : $"-{property.Name} does not take this: {exception.Message}";
    }

    private static object? ToParameter(SettingValue member, Type type)
    {
        if (type == typeof(SwitchParameter))
            return new SwitchParameter(isPresent: true);
        string[] values = [.. member.Texts];
        if (type == typeof(string[]))
            return values;
        if (type == typeof(SecureString))
            return ReadPassword(values[0]);
        if (type == typeof(Hashtable))
            return member.Setting.Name == "content-type" ? new Hashtable { [""] = values[0] } : ToTable(values);
        // PowerShell's own numbers have the same multipliers, with a B behind.
        if ((type == typeof(long) || type == typeof(int)) && values[0].Length > 0 && char.IsAsciiLetter(values[0][^1]))
            values[0] += "B";
        return LanguagePrimitives.ConvertTo(values[0], Nullable.GetUnderlyingType(type) ?? type, CultureInfo.InvariantCulture);
    }

    private static Hashtable ToTable(string[] pairs)
    {
        var table = new Hashtable();
        foreach (var group in pairs.Select(static pair => pair.Split('\0'))
            .GroupBy(static pair => pair[0], static pair => pair[1], StringComparer.OrdinalIgnoreCase))
            table[group.Key] = group.ToArray();
        return table;
    }

    private static SecureString ReadPassword(string path)
    {
        var password = new SecureString();
        foreach (var letter in File.ReadLines(path).FirstOrDefault() ?? "")
            password.AppendChar(letter);
        return password;
    }
}
