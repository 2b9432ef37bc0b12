using System.Buffers;
using System.Text;

namespace Http.Server.Cgi;

/// <summary>Logs what a program writes to standard error, line by line.</summary>
/// <param name="handler">The handler of the request, which logs.</param>
/// <param name="scriptName">The program.</param>
/// <param name="errors">Its standard error.</param>
internal sealed class CgiErrorLog(BaseHttpRequestHandler handler, string scriptName, Stream errors)
{
    /// <summary>Longest line that is logged whole, in bytes.</summary>
    private const int MaxLine = 8 * 1024;

    /// <summary>Logs until the program closes its standard error.</summary>
    /// <param name="see">Told each line; false if it is not to be logged.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Func<string, bool> see, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxLine);
        var count = 0;
        try
        {
            while (true)
            {
                var read = await errors.ReadAsync(buffer.AsMemory(count, MaxLine - count), cancellationToken)
                    .ConfigureAwait(false);
                count += read;
                var start = 0;
                for (int length; (length = buffer.AsSpan(start, count - start).IndexOf((byte)'\n')) >= 0; start += length + 1)
                    Report(buffer.AsSpan(start, length));
                if (read == 0 || count - start == MaxLine)
                {
                    if (count > start)
                        Report(buffer.AsSpan(start, count - start));
                    start = count;
                }

                if (read == 0)
                    return;
                buffer.AsSpan(start, count - start).CopyTo(buffer);
                count -= start;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        void Report(ReadOnlySpan<byte> bytes)
        {
            var line = Encoding.UTF8.GetString(bytes).TrimEnd('\r');
            if (see(line))
                handler.LogError("CGI {0}: {1}", scriptName, line);
        }
    }
}
