//! What a portfolio must know of a pack: the columns to expect, the order of things, how they are called on screen.

use serde::Serialize;

use crate::expr::Date;
use crate::pack::Pack;
use crate::stage::Receipt;

/// What customers are counted with besides their number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MoneyEntry {
    /// `revenue so far`
    pub label: String,
    /// `EUR`
    pub currency: String,
}

/// A state and its track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateEntry {
    /// `dormant`
    pub state: String,
    /// `recovery`; `None` where nothing need be done.
    pub track: Option<String>,
}

/// A cause of loss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CauseEntry {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// Its class.
    pub class: String,
}

/// A grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GradeEntry {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// Let go on purpose.
    pub let_go: bool,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CampaignEntry {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
}

/// A criterion; its column is `score.<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CriterionEntry {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// The name of its dimension.
    pub dimension: String,
}

/// A dimension; its column has its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DimensionEntry {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
}

/// What a portfolio must know of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Which rules, as of when.
    pub receipt: Receipt,
    /// The name of the key column.
    pub key: String,
    /// What customers are counted with; `None` counts them only.
    pub money: Option<MoneyEntry>,
    /// Whether people may decide otherwise.
    pub human: bool,
    /// In the order of the pack, each state and track once.
    pub states: Vec<StateEntry>,
    /// In the order of the pack.
    pub causes: Vec<CauseEntry>,
    /// In the order of the pack.
    pub grades: Vec<GradeEntry>,
    /// In the order of the pack.
    pub campaigns: Vec<CampaignEntry>,
    /// In the order of the pack.
    pub criteria: Vec<CriterionEntry>,
    /// In the order of the pack.
    pub dimensions: Vec<DimensionEntry>,
}

impl Layout {
    /// The layout of a pack's decisions as of a day.
    #[must_use]
    pub fn of(pack: &Pack, as_of: Date) -> Self {
        let mut states = Vec::new();
        for state in &pack.states {
            let entry = StateEntry { state: state.state.clone(), track: state.track.map(|t| t.word().to_owned()) };
            if !states.contains(&entry) {
                states.push(entry);
            }
        }
        let dimension = |i: usize| pack.dimensions.get(i).map_or(String::new(), |d| d.name.clone());
        Self {
            receipt: Receipt {
                pack: pack.identity.name.clone(),
                version: pack.identity.version.clone(),
                hash: pack.identity.hash.clone(),
                as_of: as_of.to_string(),
            },
            key: pack.record.key.clone(),
            money: pack.money.as_ref().map(|m| MoneyEntry { label: m.label.clone(), currency: m.currency.clone() }),
            human: pack.human.is_some(),
            states,
            causes: pack
                .causes
                .list
                .iter()
                .map(|c| CauseEntry { name: c.name.clone(), label: c.label.clone(), class: c.class.clone() })
                .collect(),
            grades: pack
                .grades
                .iter()
                .map(|g| GradeEntry { name: g.name.clone(), label: g.label.clone(), let_go: g.let_go })
                .collect(),
            campaigns: pack
                .campaigns
                .iter()
                .map(|c| CampaignEntry { name: c.name.clone(), label: c.label.clone() })
                .collect(),
            criteria: pack
                .criteria
                .iter()
                .map(|c| CriterionEntry {
                    name: c.name.clone(),
                    label: c.label.clone(),
                    dimension: dimension(c.dimension),
                })
                .collect(),
            dimensions: pack
                .dimensions
                .iter()
                .map(|d| DimensionEntry { name: d.name.clone(), label: d.label.clone() })
                .collect(),
        }
    }

    /// The columns of a decision that a portfolio reads: all that a program need compute for it.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut columns = vec![self.key.clone()];
        let fixed = ["suppressed", "suppressed_because", "state", "track", "cause", "class"];
        columns.extend(fixed.map(str::to_owned));
        columns.extend(self.criteria.iter().map(|c| format!("score.{}", c.name)));
        columns.extend(self.dimensions.iter().map(|d| d.name.clone()));
        let fixed = ["priority", "grade", "campaign", "offer", "channel", "cost", "success", "net"];
        columns.extend(fixed.map(str::to_owned));
        if self.money.is_some() {
            columns.push("money".to_owned());
        }
        if self.human {
            columns.extend(["overridden", "override_ignored"].map(str::to_owned));
        }
        columns
    }
}
