using System.Collections;
using System.Text;

namespace Http.Server.PowerShell.Handlers.Forms;

/// <summary>The fields of a form, and its files in temporary files.</summary>
internal sealed class FormData : IDisposable
{
    /// <summary>Longest field, in bytes: a field is kept in memory, a file is not.</summary>
    private const int MaxFieldBytes = 4 * 1024 * 1024;

    private readonly List<UploadedFile> _files = [];
    private long _size;

    private FormData()
    {
    }

    /// <summary>Makes a form without files.</summary>
    public FormData(Hashtable fields) => Fields = fields;

    public Hashtable Fields { get; private set; } = [];

    public IReadOnlyList<UploadedFile> Files => _files;

    /// <summary>Reads a multipart form; files go to the disk as they come.</summary>
    /// <param name="reader">The form.</param>
    /// <param name="limits">What it may measure.</param>
    /// <exception cref="RequestFaultException">It is malformed, or too much.</exception>
    public static FormData Read(MultipartReader reader, HttpServerOptions limits)
    {
        var form = new FormData();
        var fields = new FormFields();
        try
        {
            for (var count = 0; reader.ReadPartAsync().AsTask().GetAwaiter().GetResult() is { } part; count++)
            {
                if (count == limits.MaxFormFields)
                    throw new RequestFaultException(413, BodyLimits.OfFields(limits));
                Engine.ScriptWorker.OfThisThread?.ThrowIfStopped();
                // The user of the form has chosen no file.
                if (part.FileName is "")
                    form.ReadField(part.Body, limits);
                else if (part.FileName is not null)
                    form._files.Add(UploadedFile.Store(part));
                else if (part.Name is not null)
                    fields.Add(part.Name, form.ReadField(part.Body, limits));
            }

            form.Fields = fields.ToTable();
            return form;
        }
        catch
        {
            form.Dispose();
            throw;
        }
    }

    public void Dispose() => _files.ForEach(static file => file.Delete());

    private string ReadField(Stream body, HttpServerOptions limits)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[8192];
        for (int count; (count = body.Read(buffer, 0, buffer.Length)) > 0;)
        {
            Engine.ScriptWorker.OfThisThread?.ThrowIfStopped();
            if (bytes.Length + count > MaxFieldBytes)
                throw new RequestFaultException(413, "A field of the form is too long");
            if ((_size += count) > limits.MaxFormSize)
                throw new RequestFaultException(413, BodyLimits.OfForm(limits));
            bytes.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
