namespace Http.Server.Hosting;

/// <summary>What the value of a setting may be.</summary>
public enum SettingKind
{
    /// <summary>On or off: true or false in a configuration file.</summary>
    Switch,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A text, perhaps one of a few.</summary>
    Text,

    /// <summary>A whole number, or a text such as 10M.</summary>
    NumberOrText,

    /// <summary>On with the value that the setting has by itself, or a text.</summary>
    SwitchOrText,

    /// <summary>One text or several.</summary>
    Texts,

    /// <summary>On with the value that the setting has by itself, or one text or several.</summary>
    SwitchOrTexts,

    /// <summary>Names with one text or several each.</summary>
    Pairs,
}
