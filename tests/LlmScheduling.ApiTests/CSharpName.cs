using System.Reflection;

namespace LlmScheduling.ApiTests;

/// <summary>Types as C# writes them; the framework's namespaces and the library's own are left out.</summary>
internal static class CSharpName
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(char)] = "char",
        [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal",
    };

    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword;
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsArray)
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsPointer)
            return Of(type.GetElementType()!) + "*";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Of(value) + "?";
        if (type.IsGenericType && type.FullName is { } full && full.StartsWith("System.ValueTuple`", StringComparison.Ordinal))
            return $"({string.Join(", ", type.GetGenericArguments().Select(Of))})";
        bool isPlain = type.Namespace is null or "System" or "LlmScheduling" || type.Namespace.StartsWith("System.", StringComparison.Ordinal);
        return isPlain ? Nested(type) : $"{type.Namespace}.{Nested(type)}";
    }

    /// <summary>The type's own name in full.</summary>
    public static string OfDeclared(Type type) => $"{type.Namespace}.{Nested(type)}";

    public static string Arguments(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Of))}>";

    public static string Constraints(Type[] parameters) => string.Concat(parameters.Where(it => it.IsGenericParameter).Select(Constraint));

    private static string Constraint(Type parameter)
    {
        GenericParameterAttributes flags = parameter.GenericParameterAttributes;
        bool isValue = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        IEnumerable<string> parts =
        [
            .. isValue ? ["struct"] : Array.Empty<string>(),
            .. flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : Array.Empty<string>(),
            .. parameter.GetGenericParameterConstraints().Where(it => it != typeof(ValueType)).Select(Of).Order(StringComparer.Ordinal),
            .. !isValue && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) ? ["new()"] : Array.Empty<string>(),
            .. flags.HasFlag(GenericParameterAttributes.AllowByRefLike) ? ["allows ref struct"] : Array.Empty<string>(),
        ];
        return parts.Any() ? $" where {parameter.Name} : {string.Join(", ", parts)}" : "";
    }

    private static string Nested(Type type)
    {
        Type[] arguments = type.GetGenericArguments();
        string name = type.Name;
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        if (type.DeclaringType is not { } outer)
            return tick < 0 ? name : name[..tick] + Arguments(arguments);
        int inherited = outer.GetGenericArguments().Length;
        Type outerAsUsed = inherited > 0 && !type.IsGenericTypeDefinition ? outer.MakeGenericType(arguments[..inherited]) : outer;
        return $"{Nested(outerAsUsed)}.{(tick < 0 ? name : name[..tick] + Arguments(arguments[inherited..]))}";
    }
}
