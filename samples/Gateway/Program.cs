using Gateway;
using LlmScheduling;

// Settings come from appsettings.json, the environment and the command line, as in
//   dotnet run -c Release --project samples/Gateway -- --urls http://*:8080 --Gateway:Upstreams:0:Url http://gpu1:8000 --Gateway:WritePriority true
// With no upstream it shows itself on two servers of its own, and ends.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
GatewayOptions options;
try
{
    options = builder.Configuration.GetSection("Gateway").Get<GatewayOptions>() ?? new GatewayOptions();
}
catch (InvalidOperationException fault)
{
    Console.Error.WriteLine($"{fault.Message} {fault.InnerException?.Message}");
    return 2;
}

if (options.Upstreams.Count == 0)
    return await GatewayDemo.RunAsync();

builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
try
{
    await using WebApplication app = GatewayApp.Build(builder, options);
    await app.StartAsync();
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception fault) when (fault is ArgumentException or InputException or IOException)
{
    // A setting that cannot be, a file that cannot be read, a port that is taken.
    Console.Error.WriteLine(fault.Message);
    return 2;
}
