using System.Management.Automation;
using Http.Server.PowerShell.Engine.Leftovers;

namespace Http.Server.PowerShell.Tests.Engine.Leftovers;

/// <summary>Jobs that handlers leave behind.</summary>
public sealed class JobEndTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("1..4")]
    public void A_job_is_not_stopped_while_it_opens_runspaces(string input)
    {
        using var shell = System.Management.Automation.PowerShell.Create();
        shell.AddScript($"{input} | ForEach-Object -Parallel {{ Start-Sleep 1000 }} -AsJob");
        using var job = (Job)Assert.Single(shell.Invoke()).BaseObject;
        JobEnd.AwaitRunspaces(job);
        Assert.All(job.ChildJobs, static child => Assert.Equal(JobState.Running, child.JobStateInfo.State));
        job.StopJob();
    }

    [Fact]
    public void A_job_that_has_ended_is_not_waited_for()
    {
        using var shell = System.Management.Automation.PowerShell.Create();
        shell.AddScript("$job = 1..9 | ForEach-Object -Parallel { $_ } -AsJob -ThrottleLimit 2; $null = $job | Wait-Job; $job");
        using var job = (Job)Assert.Single(shell.Invoke()).BaseObject;
        JobEnd.AwaitRunspaces(job);
        Assert.Equal(JobState.Completed, job.JobStateInfo.State);
    }
}
