namespace Http.Server.Benchmarks.Instances;

/// <summary>What one measurement gave.</summary>
/// <param name="Rate">Requests a second, of all servers together.</param>
/// <param name="Server">Microseconds of a processor that servers took for a request.</param>
/// <param name="Balancer">The same of the balancer; 0 without one.</param>
/// <param name="Client">The same of the clients.</param>
internal readonly record struct InstanceFigures(double Rate, double Server, double Balancer, double Client)
{
    /// <summary>How many processors all of them kept busy together.</summary>
    public double Busy => Rate * (Server + Balancer + Client) / 1_000_000;
}
