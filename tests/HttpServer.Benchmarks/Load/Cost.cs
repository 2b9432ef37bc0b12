namespace Http.Server.Benchmarks.Load;

/// <summary>What a scenario gave for a server, and what that took of the processors, in microseconds a request; NaN if that is not known.</summary>
internal readonly record struct Cost(double Figure, double User, double System)
{
    public static Cost Of(Measurement measured, ProcessorTime spent) => measured.Requests > 0
        ? new(measured.Value, spent.User.TotalMicroseconds / measured.Requests, spent.System.TotalMicroseconds / measured.Requests)
        : new(measured.Value, double.NaN, double.NaN);
}
