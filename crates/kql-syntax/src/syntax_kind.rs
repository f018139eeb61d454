//! The kinds of tokens and nodes of the lossless tree, and their bridge to `rowan`.

/// Declares the kinds once, as an enum and as a list by number.
macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident,)*) => {
        /// What a token or a node of the tree is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        #[allow(missing_docs, reason = "the names say it; they follow the language's own words")]
        pub enum SyntaxKind {
            $($(#[$meta])* $name,)*
        }

        /// The kinds by number: a number of `rowan` becomes a kind without unsafe code.
        const KINDS: &[SyntaxKind] = &[$(SyntaxKind::$name,)*];
    };
}

kinds! {
    // Tokens without meaning.
    Whitespace,
    Comment,
    /// A character that is not part of the language.
    Unknown,

    // Tokens.
    /// A name, or a word that the parser has not yet given a role.
    Word,
    /// A word that plays its part in the grammar here: `where`, `by`, `and`.
    Keyword,
    /// A word that stands for an operator: `has`, `!in~`, `matches regex`.
    OperatorWord,
    Text,
    Long,
    Real,
    TimeSpan,
    /// `true` and `false`.
    Bool,
    /// `datetime(…)`, `long(…)` and their kin, with the text between the parentheses.
    Typed,
    /// A GUID without `guid(…)` around it.
    RawGuid,
    LParen,
    RParen,
    LBracket,
    RBracket,
    LBrace,
    RBrace,
    Pipe,
    Dot,
    DotDot,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Less,
    LessOrEqual,
    LessBar,
    Greater,
    GreaterOrEqual,
    EqualEqual,
    EqualTilde,
    NotEqual,
    LessGreater,
    NotTilde,
    Equal,
    Arrow,
    Colon,
    Semicolon,
    Comma,
    At,
    Question,
    /// The end of the text; never in a tree.
    End,

    // Nodes: statements.
    Root,
    LetStatement,
    QueryStatement,
    SetStatement,
    QueryParametersStatement,
    PatternStatement,
    PatternCase,
    PatternPath,
    UnsupportedStatement,
    Block,
    /// Tokens that fit nowhere; a diagnostic says why.
    Error,

    // Nodes: expressions.
    NameExpr,
    WildcardExpr,
    StarExpr,
    LiteralExpr,
    DynamicExpr,
    DynamicNull,
    DynamicScalar,
    DynamicArray,
    DynamicBag,
    DynamicPair,
    TypeOfExpr,
    UnaryExpr,
    AndExpr,
    OrExpr,
    AddExpr,
    MultiplyExpr,
    /// `==`, `!=`, `<>`.
    EqualExpr,
    /// `<`, `<=`, `>`, `>=`.
    RelationalExpr,
    /// `has`, `=~` and their kin.
    StringExpr,
    InExpr,
    BetweenExpr,
    /// The parentheses after `in` and its kin, and between two bounds.
    ListExpr,
    CallExpr,
    ArgumentList,
    Argument,
    /// A base and its members and indices, flat.
    PathExpr,
    MemberPart,
    CallPart,
    IndexPart,
    ParenExpr,
    Pipeline,
    DataTableExpr,
    ExternalDataExpr,
    ValueList,
    FunctionExpr,
    ParameterList,
    Parameter,
    SchemaType,
    DefaultValue,

    // Nodes: operators and their clauses.
    Operator,
    UnsupportedOperator,
    Property,
    NamedExpr,
    NameList,
    Name,
    ColumnList,
    ColumnDecl,
    ColumnPattern,
    OrderItem,
    ExprList,
    ByClause,
    OnClause,
    OfClause,
    InClause,
    FromClause,
    ToClause,
    StepClause,
    RangeClause,
    LimitClause,
    IdClause,
    DefaultClause,
    OthersClause,
    WithClause,
    SchemaClause,
    ProjectClause,
    PackClause,
    DeclareClause,
    OrderClause,
    PartitionClause,
    TypeOfClause,
    MvItem,
    SeriesAggregate,
    TopNestedLevel,
    ParsePattern,
    Body,
    QueryBody,
    ScanStep,
    ScanAssignments,
    OutputClause,
}

use SyntaxKind::{Comment, Whitespace};

impl SyntaxKind {
    /// Whether a token carries no meaning: blanks and comments.
    #[must_use]
    pub fn is_trivia(self) -> bool {
        matches!(self, Whitespace | Comment)
    }

    /// Whether this is a token, not a node.
    #[must_use]
    pub fn is_token(self) -> bool {
        self < Self::End
    }
}

/// The language of the tree, for `rowan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kql {}

impl rowan::Language for Kql {
    type Kind = SyntaxKind;

    fn kind_from_raw(raw: rowan::SyntaxKind) -> SyntaxKind {
        KINDS.get(usize::from(raw.0)).copied().unwrap_or(SyntaxKind::Error)
    }

    fn kind_to_raw(kind: SyntaxKind) -> rowan::SyntaxKind {
        rowan::SyntaxKind(kind as u16)
    }
}

/// A node of the lossless tree.
pub type SyntaxNode = rowan::SyntaxNode<Kql>;
/// A token of the lossless tree.
pub type SyntaxToken = rowan::SyntaxToken<Kql>;
/// A node or a token of the lossless tree.
pub type SyntaxElement = rowan::SyntaxElement<Kql>;
