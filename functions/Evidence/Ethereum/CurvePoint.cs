namespace Notary.Evidence.Ethereum;

/// <summary>A point of secp256k1 (y² = x³ + 7) in Jacobian coordinates; Z = 0 is the point at infinity.</summary>
internal readonly record struct CurvePoint(FieldElement X, FieldElement Y, FieldElement Z)
{
    public static CurvePoint Infinity => new(FieldElement.One, FieldElement.One, default);

    public static CurvePoint Generator { get; } = Read(Convert.FromHexString(
        "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"))!.Value;

    private static readonly CurvePoint[] GeneratorMultiples = [.. Generator.OddMultiples().Select(point => Read(point.ToArray())!.Value)];

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
        {
            return null;
        }

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

    /// <summary>a·G + b·this, both scalars walked together as signed odd digits (wNAF): an addition every sixth bit instead of three in four.</summary>
    /// <param name="a">32 bytes, big-endian.</param>
    /// <param name="b">Likewise.</param>
    public CurvePoint CombineWithGenerator(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        Span<sbyte> digitsA = stackalloc sbyte[SignedDigits.Length];
        Span<sbyte> digitsB = stackalloc sbyte[SignedDigits.Length];
        SignedDigits.Write(a, digitsA);
        SignedDigits.Write(b, digitsB);
        var own = OddMultiples();
        var sum = Infinity;
        for (var i = SignedDigits.Length - 1; i >= 0; i--)
        {
            sum = sum.Double();
            sum = sum.AddDigit(GeneratorMultiples, digitsA[i]);
            sum = sum.AddDigit(own, digitsB[i]);
        }

        return sum;
    }

    private CurvePoint AddDigit(CurvePoint[] oddMultiples, sbyte digit)
        => digit == 0 ? this : Add(digit > 0 ? oddMultiples[digit / 2] : oddMultiples[-digit / 2].Negated());

    private CurvePoint Negated() => new(X, -Y, Z);

    /// <summary>1, 3, 5, … times this point.</summary>
    private CurvePoint[] OddMultiples()
    {
        var twice = Double();
        var multiples = new CurvePoint[SignedDigits.OddValues];
        multiples[0] = this;
        for (var i = 1; i < multiples.Length; i++)
        {
            multiples[i] = multiples[i - 1].Add(twice);
        }

        return multiples;
    }

    private CurvePoint Double()
    {
        if (IsInfinity || Y.IsZero)
        {
            return Infinity;
        }

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
        {
            return IsInfinity ? other : this;
        }

        // Points as they are read have Z = 1: five multiplications less.
        var plain = other.Z.Equals(FieldElement.One);
        var z1 = Z.Squared();
        var z2 = plain ? FieldElement.One : other.Z.Squared();
        var u1 = plain ? X : X * z2;
        var s1 = plain ? Y : Y * z2 * other.Z;
        var h = (other.X * z1) - u1;
        var r = (other.Y * z1 * Z) - s1;
        if (h.IsZero)
        {
            return r.IsZero ? Double() : Infinity;
        }

        var hh = h.Squared();
        var hhh = hh * h;
        var v = u1 * hh;
        var x = r.Squared() - hhh - v - v;
        return new CurvePoint(x, (r * (v - x)) - (s1 * hhh), (plain ? Z : Z * other.Z) * h);
    }
}
