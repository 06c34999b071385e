//! Product categories: what the venue calls `linear` and `spot`, and which instruments of the market they hold.

use super::error::Refused;
use super::params::Params;
use crate::sim::market::SymbolSpec;

/// A product category that this exchange trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// USDT perpetuals.
    Linear,
    /// Coins themselves.
    Spot,
}

impl Category {
    /// The category of an instrument.
    pub fn of(spec: &SymbolSpec) -> Self {
        if spec.is_spot() {
            Self::Spot
        } else {
            Self::Linear
        }
    }

    /// As the venue spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Spot => "spot",
        }
    }

    /// By the venue's word; `None` for what this exchange does not trade.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "linear" => Some(Self::Linear),
            "spot" => Some(Self::Spot),
            _ => None,
        }
    }

    /// `category`, which has to be one that this exchange trades.
    ///
    /// # Errors
    /// 10001.
    pub fn read(params: &Params) -> Result<Self, Refused> {
        Self::parse(params.need("category")?).ok_or_else(|| Refused::new(10001, "Illegal category"))
    }

    /// `category` of a question about the market: `None` for the venue's other products, which are empty here.
    ///
    /// # Errors
    /// 10001 when the venue has no such product.
    pub fn read_any(params: &Params) -> Result<Option<Self>, Refused> {
        match params.need("category")? {
            "inverse" | "option" => Ok(None),
            _ => Self::read(params).map(Some),
        }
    }
}

/// An instrument's name on this wire: `BTCUSDT` is one on linear and another on spot. The market calls the latter `BTC/USDT`.
pub fn wire_name(spec: &SymbolSpec) -> String {
    spec.instrument.symbol.as_str().replace('/', "")
}
