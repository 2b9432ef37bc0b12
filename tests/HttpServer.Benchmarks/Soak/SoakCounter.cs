namespace Http.Server.Benchmarks.Soak;

/// <summary>Collects what clients meet, until it is taken for a sample.</summary>
internal sealed class SoakCounter
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _reasons = [];
    private List<double> _small = [];
    private int _answers;
    private int _refusals;
    private int _failures;

    /// <summary>What was refused and what went wrong, with how often.</summary>
    public IReadOnlyDictionary<string, int> Reasons => _reasons;

    public void AddSmall(TimeSpan latency)
    {
        lock (_lock)
        {
            _small.Add(latency.TotalMilliseconds);
            _answers++;
        }
    }

    public void AddAnswer() => Interlocked.Increment(ref _answers);

    public void AddRefusal(string reason) => Add(ref _refusals, "refused: " + reason);

    public void AddFailure(string reason) => Add(ref _failures, "failed: " + reason);

    public SoakSample Take(int second, string? phase, SoakServer server)
    {
        lock (_lock)
        {
            double[] small = [.. _small.Order()];
            var sample = new SoakSample(second, phase, small, Interlocked.Exchange(ref _answers, 0),
                _refusals, _failures, server.ResidentBytes, server.Descriptors);
            (_small, _refusals, _failures) = ([], 0, 0);
            return sample;
        }
    }

    private void Add(ref int count, string reason)
    {
        lock (_lock)
        {
            count++;
            _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
        }
    }
}
