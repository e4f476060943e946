using Gateway;

// Settings come from appsettings.json, the environment and the command line, as in
//   dotnet run -c Release --project samples/Gateway -- --urls http://*:8080 --Gateway:Upstreams:0:Url http://gpu1:8000 --Gateway:WritePriority true
// With no upstream it shows itself on two servers of its own, and ends.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
GatewayOptions options = builder.Configuration.GetSection("Gateway").Get<GatewayOptions>() ?? new GatewayOptions();
if (options.Upstreams.Count == 0)
    return await GatewayDemo.RunAsync();

builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
await using WebApplication app = GatewayApp.Build(builder, options);
await app.RunAsync();
return 0;
