#!/usr/bin/env python3
"""Write src/input/symbol_table.inc: characters by the names that LaTeX gives them.

usage: tools/make_symbols.py > src/input/symbol_table.inc

The characters are found by their Unicode names in the standard library's unicodedata; the LaTeX
names are those of the manual (Lamport) and of amssymb, with \\^x, \\_x for what unicodedata
says is a superscript or subscript of x, and \\bbX for the double-struck capitals.
"""
import string
import unicodedata

# LaTeX has no capital of its own for these: it is a Latin letter there.
GREEK = """alpha beta gamma delta zeta eta theta iota kappa lambda:LAMDA mu nu xi omicron pi rho sigma
    tau upsilon chi psi omega""".split()

NAMED = """
epsilon=GREEK LUNATE EPSILON SYMBOL; varepsilon=GREEK SMALL LETTER EPSILON
phi=GREEK PHI SYMBOL; varphi=GREEK SMALL LETTER PHI; Epsilon=GREEK CAPITAL LETTER EPSILON
Phi=GREEK CAPITAL LETTER PHI; vartheta=GREEK THETA SYMBOL; varpi=GREEK PI SYMBOL
varrho=GREEK RHO SYMBOL; varsigma=GREEK SMALL LETTER FINAL SIGMA; varkappa=GREEK KAPPA SYMBOL
digamma=GREEK SMALL LETTER DIGAMMA
aleph=ALEF SYMBOL; beth=BET SYMBOL; gimel=GIMEL SYMBOL; daleth=DALET SYMBOL
hbar=PLANCK CONSTANT OVER TWO PI; ell=SCRIPT SMALL L; wp=SCRIPT CAPITAL P; Re=BLACK-LETTER CAPITAL R
Im=BLACK-LETTER CAPITAL I; partial=PARTIAL DIFFERENTIAL; infty=INFINITY; nabla=NABLA
forall=FOR ALL; exists=THERE EXISTS; nexists=THERE DOES NOT EXIST; emptyset=EMPTY SET
imath=LATIN SMALL LETTER DOTLESS I; eth=LATIN SMALL LETTER ETH; AA=LATIN CAPITAL LETTER A WITH RING ABOVE
aa=LATIN SMALL LETTER A WITH RING ABOVE; ae=LATIN SMALL LETTER AE; AE=LATIN CAPITAL LETTER AE
oe=LATIN SMALL LIGATURE OE; OE=LATIN CAPITAL LIGATURE OE; o=LATIN SMALL LETTER O WITH STROKE
O=LATIN CAPITAL LETTER O WITH STROKE; ss=LATIN SMALL LETTER SHARP S; l=LATIN SMALL LETTER L WITH STROKE
L=LATIN CAPITAL LETTER L WITH STROKE; th=LATIN SMALL LETTER THORN; TH=LATIN CAPITAL LETTER THORN
pm=PLUS-MINUS SIGN; mp=MINUS-OR-PLUS SIGN; times=MULTIPLICATION SIGN; div=DIVISION SIGN
cdot=DOT OPERATOR; ast=ASTERISK OPERATOR; star=STAR OPERATOR; circ=RING OPERATOR; bullet=BULLET OPERATOR
oplus=CIRCLED PLUS; ominus=CIRCLED MINUS; otimes=CIRCLED TIMES; oslash=CIRCLED DIVISION SLASH
odot=CIRCLED DOT OPERATOR; dagger=DAGGER; ddagger=DOUBLE DAGGER; amalg=AMALGAMATION OR COPRODUCT
cap=INTERSECTION; cup=UNION; uplus=MULTISET UNION; sqcap=SQUARE CAP; sqcup=SQUARE CUP
wedge=LOGICAL AND; land=LOGICAL AND; vee=LOGICAL OR; lor=LOGICAL OR; neg=NOT SIGN; lnot=NOT SIGN
setminus=SET MINUS; wr=WREATH PRODUCT; diamond=DIAMOND OPERATOR; xor=XOR; nand=NAND; nor=NOR
le=LESS-THAN OR EQUAL TO; leq=LESS-THAN OR EQUAL TO; ge=GREATER-THAN OR EQUAL TO
geq=GREATER-THAN OR EQUAL TO; ne=NOT EQUAL TO; neq=NOT EQUAL TO; equiv=IDENTICAL TO
nequiv=NOT IDENTICAL TO; sim=TILDE OPERATOR; nsim=NOT TILDE; simeq=ASYMPTOTICALLY EQUAL TO
approx=ALMOST EQUAL TO; napprox=NOT ALMOST EQUAL TO; cong=APPROXIMATELY EQUAL TO; doteq=APPROACHES THE LIMIT
propto=PROPORTIONAL TO; prec=PRECEDES; succ=SUCCEEDS; ll=MUCH LESS-THAN; gg=MUCH GREATER-THAN
lll=VERY MUCH LESS-THAN; ggg=VERY MUCH GREATER-THAN; subset=SUBSET OF; supset=SUPERSET OF
nsubset=NOT A SUBSET OF; nsupset=NOT A SUPERSET OF; subseteq=SUBSET OF OR EQUAL TO
supseteq=SUPERSET OF OR EQUAL TO; nsubseteq=NEITHER A SUBSET OF NOR EQUAL TO
nsupseteq=NEITHER A SUPERSET OF NOR EQUAL TO; sqsubseteq=SQUARE IMAGE OF OR EQUAL TO
sqsupseteq=SQUARE ORIGINAL OF OR EQUAL TO; in=ELEMENT OF; notin=NOT AN ELEMENT OF; ni=CONTAINS AS MEMBER
vdash=RIGHT TACK; dashv=LEFT TACK; top=DOWN TACK; bot=UP TACK; models=MODELS; vDash=TRUE
Vdash=FORCES; perp=UP TACK; mid=DIVIDES; nmid=DOES NOT DIVIDE; parallel=PARALLEL TO
nparallel=NOT PARALLEL TO; bowtie=BOWTIE; asymp=EQUIVALENT TO; lesssim=LESS-THAN OR EQUIVALENT TO
gtrsim=GREATER-THAN OR EQUIVALENT TO; lessgtr=LESS-THAN OR GREATER-THAN; because=BECAUSE; therefore=THEREFORE
sum=N-ARY SUMMATION; prod=N-ARY PRODUCT; coprod=N-ARY COPRODUCT; int=INTEGRAL; iint=DOUBLE INTEGRAL
iiint=TRIPLE INTEGRAL; oint=CONTOUR INTEGRAL; bigcap=N-ARY INTERSECTION; bigcup=N-ARY UNION
bigwedge=N-ARY LOGICAL AND; bigvee=N-ARY LOGICAL OR; surd=SQUARE ROOT; sqrt=SQUARE ROOT; cbrt=CUBE ROOT
leftarrow=LEFTWARDS ARROW; gets=LEFTWARDS ARROW; rightarrow=RIGHTWARDS ARROW; to=RIGHTWARDS ARROW
uparrow=UPWARDS ARROW; downarrow=DOWNWARDS ARROW; leftrightarrow=LEFT RIGHT ARROW
updownarrow=UP DOWN ARROW; nearrow=NORTH EAST ARROW; searrow=SOUTH EAST ARROW; swarrow=SOUTH WEST ARROW
nwarrow=NORTH WEST ARROW; mapsto=RIGHTWARDS ARROW FROM BAR; hookrightarrow=RIGHTWARDS ARROW WITH HOOK
hookleftarrow=LEFTWARDS ARROW WITH HOOK; Leftarrow=LEFTWARDS DOUBLE ARROW
Rightarrow=RIGHTWARDS DOUBLE ARROW; Uparrow=UPWARDS DOUBLE ARROW; Downarrow=DOWNWARDS DOUBLE ARROW
Leftrightarrow=LEFT RIGHT DOUBLE ARROW; iff=LONG LEFT RIGHT DOUBLE ARROW
implies=LONG RIGHTWARDS DOUBLE ARROW; longrightarrow=LONG RIGHTWARDS ARROW
longleftarrow=LONG LEFTWARDS ARROW; leadsto=RIGHTWARDS WAVE ARROW; rightharpoonup=RIGHTWARDS HARPOON WITH BARB UPWARDS
rightleftharpoons=RIGHTWARDS HARPOON OVER LEFTWARDS HARPOON
langle=MATHEMATICAL LEFT ANGLE BRACKET; rangle=MATHEMATICAL RIGHT ANGLE BRACKET; lfloor=LEFT FLOOR
rfloor=RIGHT FLOOR; lceil=LEFT CEILING; rceil=RIGHT CEILING; Vert=DOUBLE VERTICAL LINE
hat=COMBINING CIRCUMFLEX ACCENT; bar=COMBINING MACRON; dot=COMBINING DOT ABOVE; ddot=COMBINING DIAERESIS
tilde=COMBINING TILDE; vec=COMBINING RIGHT ARROW ABOVE; acute=COMBINING ACUTE ACCENT
grave=COMBINING GRAVE ACCENT; check=COMBINING CARON; breve=COMBINING BREVE; underbar=COMBINING LOW LINE
overbar=COMBINING OVERLINE; prime=PRIME; dprime=DOUBLE PRIME; degree=DEGREE SIGN; micro=MICRO SIGN
ldots=HORIZONTAL ELLIPSIS; dots=HORIZONTAL ELLIPSIS; cdots=MIDLINE HORIZONTAL ELLIPSIS
vdots=VERTICAL ELLIPSIS; ddots=DOWN RIGHT DIAGONAL ELLIPSIS; triangle=WHITE UP-POINTING TRIANGLE
square=WHITE SQUARE; blacksquare=BLACK SQUARE; bigcirc=LARGE CIRCLE; bigstar=BLACK STAR; lozenge=LOZENGE
clubsuit=BLACK CLUB SUIT; diamondsuit=WHITE DIAMOND SUIT; heartsuit=WHITE HEART SUIT
spadesuit=BLACK SPADE SUIT; flat=MUSIC FLAT SIGN; natural=MUSIC NATURAL SIGN; sharp=MUSIC SHARP SIGN
checkmark=CHECK MARK; S=SECTION SIGN; P=PILCROW SIGN; copyright=COPYRIGHT SIGN; pounds=POUND SIGN
euro=EURO SIGN; yen=YEN SIGN; cent=CENT SIGN; angle=ANGLE; measuredangle=MEASURED ANGLE
mho=INVERTED OHM SIGN; ohm=OHM SIGN; complement=COMPLEMENT; exclam=INVERTED EXCLAMATION MARK
questiondown=INVERTED QUESTION MARK; guillemotleft=LEFT-POINTING DOUBLE ANGLE QUOTATION MARK
guillemotright=RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK; endash=EN DASH; emdash=EM DASH
"""


def named():
    for part in NAMED.replace("\n", ";").split(";"):
        if part.strip():
            name, _, character = part.strip().partition("=")
            yield name, unicodedata.lookup(character)


def greek():
    for letter in GREEK:
        name, _, other = letter.partition(":")
        spelled = (other or name).upper()
        yield name, unicodedata.lookup(f"GREEK SMALL LETTER {spelled}")
        yield name.capitalize(), unicodedata.lookup(f"GREEK CAPITAL LETTER {spelled}")


def double_struck():
    for letter in string.ascii_uppercase:
        for prefix in ("MATHEMATICAL ", ""):
            try:
                yield "bb" + letter, unicodedata.lookup(f"{prefix}DOUBLE-STRUCK CAPITAL {letter}")
            except KeyError:
                pass


def raised():
    """What has one ASCII character for its base; the first one of each."""
    for sign, tag in (("^", "<super>"), ("_", "<sub>")):
        seen = set()
        for code in range(0x80, 0x2200):
            parts = unicodedata.decomposition(chr(code)).split()
            if len(parts) == 2 and parts[0] == tag and (base := int(parts[1], 16)) < 0x7F:
                if chr(base).isalnum() and base not in seen:
                    seen.add(base)
                    yield sign + chr(base), chr(code)


def main():
    table = sorted({**dict(named()), **dict(greek()), **dict(double_struck()),
                    **dict(raised())}.items())
    print("/* Written by tools/make_symbols.py, by unicodedata", unicodedata.unidata_version,
          "and the names of LaTeX. */")
    for name, character in table:
        print(f'{{ "{name}", "{character}" }},  // {unicodedata.name(character)}')


main()
