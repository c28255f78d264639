using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Notary.Evidence.Ethereum;

namespace Notary.Verification.Tests;

/// <summary>A node of a chain that has a sample's block on it, and says what it is told to about another.</summary>
internal sealed class AnsweringNode : IAsyncDisposable
{
    private readonly WebApplication app;

    private AnsweringNode(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.First());

    /// <param name="other">Another block's number.</param>
    /// <param name="otherHash">Its hash; null when the node does not have it.</param>
    public static async Task<AnsweringNode> StartAsync(AnchorProof anchor, long other, string? otherHash)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost("/", async context =>
        {
            var question = (await JsonNode.ParseAsync(context.Request.Body))!;
            JsonNode? Block() => question["params"]![0]!.GetValue<string>() == Hex.Quantity(anchor.Block) ? new JsonObject { ["hash"] = anchor.BlockHash }
                : question["params"]![0]!.GetValue<string>() == Hex.Quantity(other) && otherHash is not null ? new JsonObject { ["hash"] = otherHash } : null;
            await context.Response.WriteAsync(new JsonObject
            {
                ["jsonrpc"] = "2.0",
                ["id"] = 1,
                ["result"] = question["method"]!.GetValue<string>() switch
                {
                    "eth_chainId" => Hex.Quantity(anchor.ChainId),
                    "eth_blockNumber" => Hex.Quantity(anchor.Block + 20),
                    "eth_getCode" => "0x60",
                    "eth_getBlockByNumber" => Block(),
                    _ => null,
                },
            }.ToJsonString());
        });
        await app.StartAsync();
        return new AnsweringNode(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
