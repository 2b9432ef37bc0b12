using Http.Server.Cli;

// Read by the runtime when the first socket is used. Serving files never waits for long on the polling threads (what might is
// moved elsewhere), so completions can run there: it spares a change of thread for each request.
if (Environment.GetEnvironmentVariable(ServeCommand.InlineCompletionsVariable) is null)
    Environment.SetEnvironmentVariable(ServeCommand.InlineCompletionsVariable, "1");

return DescriptorFloor.IsTooLow() ? ExitCode.CannotStart : await ServeCommand.RunAsync(args).ConfigureAwait(false);
