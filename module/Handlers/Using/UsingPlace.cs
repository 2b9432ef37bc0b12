namespace Http.Server.PowerShell.Handlers.Using;

/// <summary>Where in a handler a <c>$using:</c> stands.</summary>
internal enum UsingPlace
{
    /// <summary>It is in the handler itself, and means a variable of the session.</summary>
    Handler,

    /// <summary>It is in a block that the handler has run elsewhere, and means a variable of the handler.</summary>
    Elsewhere,

    /// <summary>It is in a block whose text does not say where it will run.</summary>
    Unknown,
}
