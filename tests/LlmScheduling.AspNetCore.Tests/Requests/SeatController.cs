using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace LlmScheduling.AspNetCore.Tests.Requests;

public sealed class SeatController : ControllerBase
{
    [HttpGet("/controller")]
    public string Get() => $"{HttpContext.GetAdmissionLease()!.IsAcquired}";
}
