using System.Globalization;

namespace Http.Server.Telemetry;

/// <summary>The figures of the process, by the names of .NET's own in OpenTelemetry's conventions.</summary>
internal static class ProcessMetrics
{
    /// <summary>Writes them.</summary>
    public static void WriteTo(MetricsText text)
    {
        if (!OperatingSystem.IsBrowser() && !OperatingSystem.IsIOS() && !OperatingSystem.IsTvOS())
        {
            var usage = Environment.CpuUsage;
            text.Begin("dotnet_process_cpu_time_seconds_total", "counter", "CPU time used by the process.");
            text.Sample("", MetricsText.Label("cpu_mode", "user"), usage.UserTime.TotalSeconds);
            text.Sample("", MetricsText.Label("cpu_mode", "system"), usage.PrivilegedTime.TotalSeconds);
        }

        text.Single("dotnet_process_memory_working_set_bytes", "gauge",
            "Physical memory that is mapped to the process context.", Environment.WorkingSet);
        text.Begin("dotnet_gc_collections_total", "counter", "Garbage collections since the process has started.");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            // A collection of a generation is one of those below it too; here each counts once.
            var higher = generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0;
            text.Sample("", MetricsText.Label("gc_heap_generation",
                "gen" + generation.ToString(CultureInfo.InvariantCulture)), GC.CollectionCount(generation) - higher);
        }

        text.Single("dotnet_gc_heap_total_allocated_bytes_total", "counter",
            "Bytes allocated on the managed heap since the process has started.", GC.GetTotalAllocatedBytes());
        text.Single("dotnet_gc_pause_time_seconds_total", "counter",
            "Time that garbage collections have paused the process.", GC.GetTotalPauseDuration().TotalSeconds);
        text.Single("dotnet_gc_last_collection_memory_committed_size_bytes", "gauge",
            "Memory of the managed heap at the latest garbage collection, free and fragmented parts included.",
            GC.GetGCMemoryInfo().TotalCommittedBytes);
        text.Single("dotnet_thread_pool_threads", "gauge", "Threads of the thread pool.", ThreadPool.ThreadCount);
        text.Single("dotnet_thread_pool_queue_length", "gauge", "Work that waits for a thread of the thread pool.",
            ThreadPool.PendingWorkItemCount);
    }
}
