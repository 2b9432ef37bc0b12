using System.Collections;
using System.Text;
using System.Web;

namespace Http.Server.PowerShell.Handlers;

/// <summary>The fields of a form, and its files in temporary files.</summary>
internal sealed class FormData(Hashtable fields) : IDisposable
{
    /// <summary>Most parts of a form; more are an attack, not a form.</summary>
    private const int MostParts = 1000;

    /// <summary>Longest field, in bytes: a field is kept in memory, a file is not.</summary>
    private const int LongestField = 4 * 1024 * 1024;

    private readonly List<UploadedFile> _files = [];

    public Hashtable Fields { get; } = fields;

    public IReadOnlyList<UploadedFile> Files => _files;

    /// <summary>Reads names and values in the form's encoding (application/x-www-form-urlencoded).</summary>
    public static Hashtable Parse(string text, Encoding encoding)
    {
        var table = new Hashtable(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var sign = pair.IndexOf('=', StringComparison.Ordinal);
            Add(table, HttpUtility.UrlDecode(sign < 0 ? pair : pair[..sign], encoding), sign < 0 ? "" : HttpUtility.UrlDecode(pair[(sign + 1)..], encoding));
        }

        return table;
    }

    /// <summary>Reads a multipart form; files go to the disk as they come.</summary>
    /// <exception cref="RequestFaultException">It is malformed, or too much.</exception>
    public static FormData Read(MultipartReader reader)
    {
        var form = new FormData(new Hashtable(StringComparer.OrdinalIgnoreCase));
        try
        {
            for (var count = 0; reader.ReadPartAsync().AsTask().GetAwaiter().GetResult() is { } part; count++)
            {
                if (count == MostParts)
                    throw new RequestFaultException(413, "The form has too many parts");
                // The user of the form has chosen no file.
                if (part.FileName is "")
                    ReadField(part.Body);
                else if (part.FileName is not null)
                    form._files.Add(UploadedFile.Store(part));
                else if (part.Name is not null)
                    Add(form.Fields, part.Name, ReadField(part.Body));
            }

            return form;
        }
        catch
        {
            form.Dispose();
            throw;
        }
    }

    public void Dispose() => _files.ForEach(static file => file.Delete());

    private static string ReadField(Stream body)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[8192];
        for (int count; (count = body.Read(buffer, 0, buffer.Length)) > 0;)
        {
            if (bytes.Length + count > LongestField)
                throw new RequestFaultException(413, "A field of the form is too long");
            bytes.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void Add(Hashtable table, string name, string value) => table[name] = table[name] switch
    {
        null => value,
        string[] several => several.Append(value).ToArray(),
        var one => new[] { (string)one, value },
    };
}
