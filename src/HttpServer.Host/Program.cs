using Http.Server.Host;

return HostProgram.Run(args);
