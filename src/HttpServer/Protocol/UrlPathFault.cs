namespace Http.Server.Protocol;

/// <summary>Why a request target was refused as a path.</summary>
internal enum UrlPathFault
{
    /// <summary>It was not refused.</summary>
    None,

    /// <summary>It does not start with a slash.</summary>
    NotAbsolute,

    /// <summary>A percent sign is not followed by two hexadecimal digits.</summary>
    BadEscape,

    /// <summary>It holds NUL, raw or encoded, where a C API would see the end of the name.</summary>
    ControlByte,

    /// <summary>A <c>..</c>, in any encoding, goes above the root.</summary>
    LeavesRoot,

    /// <summary>
    /// An encoded slash has nothing, <c>.</c> or <c>..</c> beside it; as a separator it would make a name of
    /// that.
    /// </summary>
    EncodedSlash,

    /// <summary>
    /// A segment is not valid UTF-8, nor are overlong forms and surrogates; on Linux it is a name all the
    /// same.
    /// </summary>
    NotUtf8,

    /// <summary>Windows would not take a segment as the plain name of a file, or would take it for another one.</summary>
    ReservedOnWindows,

    /// <summary>A segment is the name of a file that is still being uploaded.</summary>
    TemporaryName,
}
