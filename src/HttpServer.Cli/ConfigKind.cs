namespace Http.Server.Cli;

/// <summary>What a setting of a configuration file may be.</summary>
internal enum ConfigKind
{
    /// <summary>true or false.</summary>
    Switch,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A text, perhaps one of a few.</summary>
    Text,

    /// <summary>A whole number, or a text such as 10M.</summary>
    NumberOrText,

    /// <summary>true for the option without a value, or a text.</summary>
    SwitchOrText,

    /// <summary>A text or an array of texts.</summary>
    Texts,

    /// <summary>true for the option without a value, a text or an array of texts.</summary>
    SwitchOrTexts,

    /// <summary>An object whose members are texts or arrays of texts.</summary>
    Pairs,
}
