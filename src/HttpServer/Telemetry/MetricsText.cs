using System.Buffers;
using System.Globalization;
using System.Text;

namespace Http.Server.Telemetry;

/// <summary>Writes metrics in the text format of Prometheus, version 0.0.4.</summary>
internal sealed class MetricsText
{
    /// <summary>The media type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ArrayBufferWriter<byte> _bytes = new(16 * 1024);
    private string _name = "";

    /// <summary>What has been written, in UTF-8.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>A label as it stands between braces.</summary>
    public static string Label(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    /// <summary>Begins a metric; its samples follow.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">A type of the format: counter, gauge or histogram.</param>
    /// <param name="help">What it is, in one line without backslashes.</param>
    public void Begin(string name, string type, string help)
    {
        _name = name;
        Append("# HELP ");
        Append(name);
        Append(" ");
        Append(help);
        Append("\n# TYPE ");
        Append(name);
        Append(" ");
        Append(type);
        Append("\n");
    }

    /// <summary>Writes a metric that has one sample.</summary>
    public void Single(string name, string type, string help, double value)
    {
        Begin(name, type, help);
        Sample("", "", value);
    }

    /// <summary>Writes a sample.</summary>
    /// <param name="suffix">What its name has behind the metric's.</param>
    /// <param name="labels">Its labels, without braces.</param>
    /// <param name="value">Its value.</param>
    public void Sample(string suffix, string labels, double value)
    {
        Append(_name);
        Append(suffix);
        if (labels.Length > 0)
        {
            Append("{");
            Append(labels);
            Append("}");
        }

        EndWith(value);
    }

    /// <summary>Writes a bucket of a histogram.</summary>
    /// <param name="labels">Its labels but for the bound.</param>
    /// <param name="bound">The upper bound.</param>
    /// <param name="count">Values up to it.</param>
    public void Bucket(string labels, double bound, long count)
    {
        Append(_name);
        Append("_bucket{");
        Append(labels);
        Append(labels.Length > 0 ? ",le=\"" : "le=\"");
        Append(bound);
        Append("\"}");
        EndWith(count);
    }

    private void EndWith(double value)
    {
        Append(" ");
        Append(value);
        Append("\n");
    }

    private void Append(string text)
    {
        var count = Encoding.UTF8.GetBytes(text, _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length)));
        _bytes.Advance(count);
    }

    private void Append(double value)
    {
        if (double.IsPositiveInfinity(value))
        {
            Append("+Inf");
            return;
        }

        value.TryFormat(_bytes.GetSpan(32), out var count, default, CultureInfo.InvariantCulture);
        _bytes.Advance(count);
    }
}
