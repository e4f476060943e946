using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace LlmScheduling.ApiTests;

/// <summary>Writes down what an assembly shows to its users: a line per type, and below it a line per member, by name.</summary>
/// <remarks>What the compiler adds to a record (equality, deconstruction, printing) follows from the word "record" and its constructor, and is left out.</remarks>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<Type> Types(Assembly assembly) =>
        assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal);

    public static IReadOnlyList<string> Of(Assembly assembly)
    {
        var lines = new List<string>();
        foreach (Type type in Types(assembly))
        {
            lines.Add(Header(type));
            if (!IsDelegate(type))
                lines.AddRange(Members(type).Select(member => "    " + member));
        }

        return lines;
    }

    private static string Header(Type type)
    {
        string name = CSharpName.OfDeclared(type);
        if (IsDelegate(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return $"delegate {CSharpName.Of(invoke.ReturnType)} {name}({Parameters(invoke)})";
        }

        IEnumerable<Type> inherited = type.IsEnum ? [Enum.GetUnderlyingType(type)]
            : type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(it => it.IsPublic || it.IsNestedPublic);
        string[] parents = [.. inherited.Select(CSharpName.Of).Order(StringComparer.Ordinal)];
        if (type.IsClass && type.BaseType is { } parent && parent != typeof(object))
            parents = [CSharpName.Of(parent), .. parents];
        return $"{Kind(type)} {name}{(parents.Length > 0 ? " : " + string.Join(", ", parents) : "")}{CSharpName.Constraints(type.GetGenericArguments())}";
    }

    private static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsValueType ? (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + (IsRecord(type) ? "record struct" : "struct")
        : (type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (IsRecord(type) ? "record" : "class");

    private static bool IsDelegate(Type type) => type.IsSubclassOf(typeof(Delegate));

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is { } print && print.IsDefined(typeof(CompilerGeneratedAttribute));

    private static IEnumerable<string> Members(Type type)
    {
        IEnumerable<string> constructors = type.GetConstructors(Declared).Where(c => IsVisible(c) && !c.IsStatic)
            .Where(c => !(IsRecord(type) && c.GetParameters() is [{ } only] && only.ParameterType == type))
            .Select(c => $"{Access(c)}.ctor({Parameters(c)})").Order(StringComparer.Ordinal);
        IEnumerable<string> fields = type.GetFields(Declared).Where(f => (f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly) && !f.IsSpecialName)
            .OrderBy(f => type.IsEnum ? "" : f.Name, StringComparer.Ordinal).Select(Field);
        IEnumerable<string> properties = type.GetProperties(Declared).Where(p => p.GetAccessors(nonPublic: true).Any(IsVisible) && p.Name != "EqualityContract")
            .OrderBy(p => p.Name, StringComparer.Ordinal).Select(Property);
        IEnumerable<string> events = type.GetEvents(Declared).Where(e => IsVisible(e.AddMethod!))
            .OrderBy(e => e.Name, StringComparer.Ordinal)
            .Select(e => $"{Modifiers(e.AddMethod!)}event {CSharpName.Of(e.EventHandlerType!)} {e.Name}");
        IEnumerable<string> methods = type.GetMethods(Declared).Where(m => IsVisible(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)))
            .Where(m => !m.IsDefined(typeof(CompilerGeneratedAttribute)))
            .OrderBy(m => m.Name, StringComparer.Ordinal).ThenBy(Parameters, StringComparer.Ordinal)
            .Select(m => $"{Modifiers(m)}{Returns(m.ReturnParameter)} {m.Name}{CSharpName.Arguments(m.GetGenericArguments())}({Parameters(m)}){CSharpName.Constraints(m.GetGenericArguments())}");
        return new[] { constructors, fields, properties, events, methods }.SelectMany(part => part);
    }

    private static string Field(FieldInfo field) =>
        field.DeclaringType!.IsEnum ? $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}"
        : field.IsLiteral ? $"const {CSharpName.Of(field.FieldType)} {field.Name} = {Literal(field.GetRawConstantValue())}"
        : $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{CSharpName.Of(field.FieldType)} {field.Name}";

    private static string Property(PropertyInfo property)
    {
        MethodInfo any = property.GetAccessors(nonPublic: true).First(IsVisible);
        ParameterInfo[] index = property.GetIndexParameters();
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string get = property.GetMethod is { } getter && IsVisible(getter) ? " get;" : "";
        string set = property.SetMethod is { } setter && IsVisible(setter)
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : "";
        string type = property.GetMethod is { } read ? Returns(read.ReturnParameter) : CSharpName.Of(property.PropertyType);
        return $"{Modifiers(any)}{required}{type} {(index.Length > 0 ? $"this[{string.Join(", ", index.Select(Parameter))}]" : property.Name)} {{{get}{set} }}";
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method) =>
        Access(method)
        + (method.IsStatic ? "static " : "")
        + (method.DeclaringType!.IsInterface || method.IsStatic || !method.IsVirtual ? ""
            : method.IsAbstract ? "abstract "
            : method.GetBaseDefinition() != method ? "override "
            : method.IsFinal ? "" : "virtual ");

    private static string Returns(ParameterInfo result) =>
        !result.ParameterType.IsByRef ? CSharpName.Of(result.ParameterType)
        : (result.GetRequiredCustomModifiers().Length > 0 ? "ref readonly " : "ref ") + CSharpName.Of(result.ParameterType.GetElementType()!);

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        string passing = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params "
            : !type.IsByRef ? ""
            : parameter.IsOut ? "out "
            : parameter.IsIn ? "in " : "ref ";
        string value = parameter.HasDefaultValue ? " = " + Literal(parameter.RawDefaultValue) : "";
        return $"{passing}{CSharpName.Of(type.IsByRef ? type.GetElementType()! : type)} {parameter.Name}{value}";
    }

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
