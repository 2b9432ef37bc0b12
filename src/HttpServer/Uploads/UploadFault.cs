using Http.Server.Resources;

namespace Http.Server.Uploads;

/// <summary>What is answered when a file cannot be put where a client wants it.</summary>
internal static class UploadFault
{
    // errno.h; Linux and macOS have the same numbers up to 34.
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int NoAccess = 13;
    private const int Busy = 16;
    private const int Exists = 17;
    private const int NoDirectory = 20;
    private const int IsDirectory = 21;
    private const int TooBig = 27;
    private const int NoSpace = 28;
    private const int ReadOnlySystem = 30;

    // ERROR_HANDLE_DISK_FULL, ERROR_FILE_EXISTS, ERROR_DISK_FULL, ERROR_ALREADY_EXISTS, ERROR_DISK_QUOTA_EXCEEDED
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsFileExists = unchecked((int)0x80070050);
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsAlreadyExists = unchecked((int)0x800700b7);
    private const int WindowsQuotaExceeded = unchecked((int)0x8007050f);

    private static readonly int NameTooLong = OperatingSystem.IsMacOS() ? 63 : 36;
    private static readonly int TooManyLinks = OperatingSystem.IsMacOS() ? 62 : 40;
    private static readonly int QuotaExceeded = OperatingSystem.IsMacOS() ? 69 : 122;

    public static RequestFaultException IsThere() => new(409, "A file of this name is there, and this server overwrites none");

    public static RequestFaultException IsNoFile() => new(409, "What has this name is no file");

    public static RequestFaultException ThroughLink(Exception? inner) => new(403, "Nothing is uploaded through a link", inner);

    public static RequestFaultException DiskFull(Exception? inner) => new(507, "The disk is full", inner);

    /// <summary>Why a directory cannot be opened.</summary>
    public static RequestFaultException OfFolder(int error, Exception? inner)
    {
        if (error == TooManyLinks)
            return ThroughLink(inner);
        if (Shortage.OfError(error) is { } shortage)
            return Shortage.Refuse(shortage, inner);
        return error is NoAccess or NotPermitted
            ? Forbidden(inner)
            : new(409, "There is no such directory to upload to, and none is made", inner);
    }

    /// <summary>Why a file cannot be made, written or named, by the error number of Unix.</summary>
    public static RequestFaultException OfFile(int error, Exception? inner)
    {
        if (error == NameTooLong)
            return new(400, "The name of the file is too long", inner);
        if (error == QuotaExceeded)
            return DiskFull(inner);
        if (Shortage.OfError(error) is { } shortage)
            return Shortage.Refuse(shortage, inner);
        return error switch
        {
            NotPermitted or NoAccess or ReadOnlySystem => Forbidden(inner),
            NoEntry or NoDirectory => new(409, "The directory has gone", inner),
            Exists => IsThere(),
            IsDirectory => IsNoFile(),
            NoSpace or TooBig => DiskFull(inner),
            Busy => new(409, "The file is in use", inner),
            _ => new(500, "The file cannot be written", inner ?? new IOException($"The system's error number is {error}.")),
        };
    }

    /// <inheritdoc cref="OfFile(int, Exception?)"/>
    public static RequestFaultException OfFile(Exception exception) => exception switch
    {
        // What .NET makes of EFBIG.
        ArgumentOutOfRangeException => DiskFull(exception),
        UnauthorizedAccessException => Forbidden(exception),
        PathTooLongException => OfFile(NameTooLong, exception),
        DirectoryNotFoundException or FileNotFoundException => OfFile(NoEntry, exception),
        { HResult: WindowsHandleDiskFull or WindowsDiskFull or WindowsQuotaExceeded } => DiskFull(exception),
        { HResult: WindowsFileExists or WindowsAlreadyExists } => IsThere(),
        _ => OfFile(exception.HResult, exception),
    };

    private static RequestFaultException Forbidden(Exception? inner) => new(403, "The server may not write there", inner);
}
