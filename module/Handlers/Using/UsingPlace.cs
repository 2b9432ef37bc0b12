namespace Http.Server.PowerShell.Handlers.Using;

/// <summary>Where in a handler a <c>$using:</c> stands.</summary>
internal enum UsingPlace
{
    /// <summary>On the handler's own level: it means a variable of the session.</summary>
    Handler,

    /// <summary>In a block that the handler has run elsewhere: it means a variable of the handler.</summary>
    Elsewhere,

    /// <summary>In a block of which the text does not tell where it will run.</summary>
    Unknown,
}
