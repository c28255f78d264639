using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Notary.Host.Api;

/// <summary>The published description, OpenAPI 3.1, made from the route tables: a route that is mapped is described.</summary>
internal static class OpenApiDocument
{
    public const string Path = "/openapi/v1.json";
    private const string Scheme = "key";

    public static void Add(IServiceCollection services, HostSettings settings) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Notary.Serverless",
                Version = "v1",
                Description = "Deposits electronic data, fixes it in time and hands out evidence that verifies without us. "
                    + "Every error is an RFC 9457 problem with a stable code.",
            };
            document.Servers = [new OpenApiServer { Url = settings.Office.PublicUrl.GetLeftPart(UriPartial.Authority) }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "A tenant's API key, a member's access token from the login centre, or the operator's key"
                },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) => DescribeAsync(operation, context));
    });

    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new AccessRule.Public());

    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        foreach (var parameter in metadata.OfType<Parameter>())
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = parameter.In == "header" ? ParameterLocation.Header : ParameterLocation.Query,
                Description = parameter.Description,
                Required = parameter.Required,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        if (metadata.OfType<Body>().SingleOrDefault() is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = body.Required,
                Description = body.Description.Length > 0 ? body.Description : null,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [body.MediaType] = new()
                    {
                        Schema = body.Type is { } type
                            ? await context.GetOrCreateSchemaAsync(type)
                            : new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
                    },
                },
            };
        }

        if (metadata.OfType<AccessRule>().Any(r => r is AccessRule.Tenant or AccessRule.Operator or AccessRule.Agent))
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
    }
}
