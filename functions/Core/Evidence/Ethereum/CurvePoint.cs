namespace Notary.Evidence.Ethereum;

/// <summary>A point of secp256k1 (y² = x³ + 7) in Jacobian coordinates; Z = 0 is the point at infinity.</summary>
internal readonly record struct CurvePoint(FieldElement X, FieldElement Y, FieldElement Z)
{
    public static CurvePoint Infinity => new(FieldElement.One, FieldElement.One, default);

    public static CurvePoint Generator { get; } = Read(Convert.FromHexString(
        "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"))!.Value;

    // β, a cube root of one: (βx, y) is λ times (x, y).
    private static readonly FieldElement Beta
        = FieldElement.TryRead(Convert.FromHexString("7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee"), out var beta) ? beta : default;

    // Digits of the generator's scalars are wide, its multiples being made once; a point's own multiples have to earn their making.
    private const int GeneratorWidth = 8;
    private const int Width = 5;

    private static readonly CurvePoint[] GeneratorMultiples = [.. Generator.OddMultiples(GeneratorWidth).Select(point => Read(point.ToArray())!.Value)];

    private static readonly CurvePoint[] GeneratorLambdaMultiples = [.. GeneratorMultiples.Select(point => point.TimesLambda())];

    public bool IsInfinity => Z.IsZero;

    /// <summary>Reads x‖y; null unless it is a point of the curve.</summary>
    public static CurvePoint? Read(ReadOnlySpan<byte> bytes)
        => FieldElement.TryRead(bytes, out var x) && FieldElement.TryRead(bytes[32..], out var y) && y.Squared().Equals((x.Squared() * x) + FieldElement.Seven)
            ? new CurvePoint(x, y, FieldElement.One)
            : null;

    /// <summary>The point with this x and a y of this parity, or null when x is on no point.</summary>
    public static CurvePoint? Lift(ReadOnlySpan<byte> xBytes, bool odd)
    {
        if (!FieldElement.TryRead(xBytes, out var x) || !((x.Squared() * x) + FieldElement.Seven).TrySquareRoot(out var y))
            return null;

        return new CurvePoint(x, y.IsOdd == odd ? y : -y, FieldElement.One);
    }

    /// <summary>x‖y, 64 bytes.</summary>
    public byte[] ToArray()
    {
        var inverse = Z.Inverse();
        var square = inverse.Squared();
        var bytes = new byte[64];
        (X * square).Write(bytes);
        (Y * square * inverse).Write(bytes.AsSpan(32));
        return bytes;
    }

    /// <summary>a·G + b·this: both scalars split in halves, the four walked together as signed odd digits.</summary>
    /// <param name="a">From 0 to below the order.</param>
    /// <param name="b">Likewise.</param>
    public CurvePoint CombineWithGenerator(BigInteger a, BigInteger b)
    {
        const int Length = SignedDigits.Length;
        Span<sbyte> digits = stackalloc sbyte[4 * Length];
        WriteDigits(SplitScalar.Of(a), GeneratorWidth, digits);
        WriteDigits(SplitScalar.Of(b), Width, digits[(2 * Length)..]);
        var own = OddMultiples(Width);
        var ownLambda = new CurvePoint[own.Length];
        for (var i = 0; i < own.Length; i++)
            ownLambda[i] = own[i].TimesLambda();

        var sum = Infinity;
        for (var i = Length - 1; i >= 0; i--)
        {
            sum = sum.Double()
                .AddDigit(GeneratorMultiples, digits[i])
                .AddDigit(GeneratorLambdaMultiples, digits[Length + i])
                .AddDigit(own, digits[(2 * Length) + i])
                .AddDigit(ownLambda, digits[(3 * Length) + i]);
        }

        return sum;
    }

    private static void WriteDigits(SplitScalar scalar, int width, Span<sbyte> digits)
    {
        SignedDigits.Write((UInt128)BigInteger.Abs(scalar.K1), scalar.K1.Sign < 0, width, digits[..SignedDigits.Length]);
        SignedDigits.Write((UInt128)BigInteger.Abs(scalar.K2), scalar.K2.Sign < 0, width, digits.Slice(SignedDigits.Length, SignedDigits.Length));
    }

    private CurvePoint AddDigit(CurvePoint[] oddMultiples, sbyte digit)
        => digit == 0 ? this : Add(digit > 0 ? oddMultiples[digit / 2] : oddMultiples[-digit / 2].Negated());

    private CurvePoint TimesLambda() => new(X * Beta, Y, Z);

    private CurvePoint Negated() => new(X, -Y, Z);

    /// <summary>1, 3, 5, … times this point.</summary>
    private CurvePoint[] OddMultiples(int width)
    {
        var twice = Double();
        var multiples = new CurvePoint[SignedDigits.OddValues(width)];
        multiples[0] = this;
        for (var i = 1; i < multiples.Length; i++)
            multiples[i] = multiples[i - 1].Add(twice);

        return multiples;
    }

    private CurvePoint Double()
    {
        if (IsInfinity || Y.IsZero)
            return Infinity;

        var yy = Y.Squared();
        var s = X * yy;
        s += s;
        s += s;
        var xx = X.Squared();
        var m = xx + xx + xx;
        var x = m.Squared() - s - s;
        var y4 = yy.Squared();
        y4 += y4;
        y4 += y4;
        y4 += y4;
        var yz = Y * Z;
        return new CurvePoint(x, (m * (s - x)) - y4, yz + yz);
    }

    private CurvePoint Add(CurvePoint other)
    {
        if (IsInfinity || other.IsInfinity)
            return IsInfinity ? other : this;

        // Points as they are read have Z = 1: five multiplications less.
        var plain = other.Z.Equals(FieldElement.One);
        var z1 = Z.Squared();
        var z2 = plain ? FieldElement.One : other.Z.Squared();
        var u1 = plain ? X : X * z2;
        var s1 = plain ? Y : Y * z2 * other.Z;
        var h = (other.X * z1) - u1;
        var r = (other.Y * z1 * Z) - s1;
        if (h.IsZero)
            return r.IsZero ? Double() : Infinity;

        var hh = h.Squared();
        var hhh = hh * h;
        var v = u1 * hh;
        var x = r.Squared() - hhh - v - v;
        return new CurvePoint(x, (r * (v - x)) - (s1 * hhh), (plain ? Z : Z * other.Z) * h);
    }
}
