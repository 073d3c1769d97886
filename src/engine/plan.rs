//! From the graph to straight-line code: only what the outputs need, in order, with registers reused.
//!
//! What only one rule of a first match needs is computed just before that rule, in a region that is skipped when no
//! row of the chunk is left undecided. A node lies in the innermost region that all its users share, so nothing
//! computed in a region is ever read outside it.

use std::collections::HashMap;
use std::sync::Arc;

use super::graph::Graph;
use super::op::{Bank, Id, Op};
use crate::expr::{Type, Value};

/// An output column.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) kind: OutputKind,
}

#[derive(Debug, Clone)]
pub(super) enum OutputKind {
    Number(Id),
    Date(Id),
    Text(Id),
    Bool {
        yes: Id,
        no: Id,
    },
    Mask(Id),
    /// An input column as it is: its field, and the type to expect.
    Input(String, Option<Type>),
    Constant(Type, Value),
    Sentences(Vec<(Id, Vec<Piece>)>),
}

/// A part of a sentence.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Written(Arc<str>),
    Number(Id),
    Date(Id),
    Text(Id),
    Bool { yes: Id, no: Id },
}

impl OutputKind {
    /// Calls `visit` on every node it reads.
    fn operands(&mut self, visit: &mut dyn FnMut(&mut Id)) {
        match self {
            OutputKind::Number(a) | OutputKind::Date(a) | OutputKind::Text(a) | OutputKind::Mask(a) => visit(a),
            OutputKind::Bool { yes, no } => {
                visit(yes);
                visit(no);
            }
            OutputKind::Input(..) | OutputKind::Constant(..) => {}
            OutputKind::Sentences(sentences) => {
                for (mask, pieces) in sentences {
                    visit(mask);
                    for piece in pieces {
                        match piece {
                            Piece::Written(_) => {}
                            Piece::Number(a) | Piece::Date(a) | Piece::Text(a) => visit(a),
                            Piece::Bool { yes, no } => {
                                visit(yes);
                                visit(no);
                            }
                        }
                    }
                }
            }
        }
    }

    pub(super) fn operand_ids(&self) -> Vec<Id> {
        let mut ids = Vec::new();
        self.clone().operands(&mut |id| ids.push(*id));
        ids
    }
}

/// One step of the straight-line code. Ids are registers.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Do(Op, u32),
    /// Begins a first match: nothing chosen, the rows within are open.
    Open {
        choice: u32,
        wide: bool,
        open: u32,
        within: u32,
    },
    /// Open rows that hold choose this alternative.
    Try {
        choice: u32,
        wide: bool,
        open: u32,
        mask: u32,
        alternative: usize,
    },
    /// Goes on behind the first match if no row is open.
    Skip {
        open: u32,
        to: usize,
    },
    /// An output takes its values of the chunk.
    Store(usize),
}

/// Straight-line code and what it needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// How many registers there are of each bank.
    pub(super) numbers: usize,
    pub(super) bytes: usize,
    pub(super) words: usize,
    /// Values that are the same in every run, in registers that nothing else uses.
    pub(super) constants: Vec<(Op, u32)>,
    /// Which inputs are read.
    pub(super) inputs: Vec<u32>,
    /// The outputs, reading registers.
    pub(super) outputs: Vec<Output>,
}

/// A place in the code: which first match, and before which of its rules. Match 0 is the whole program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Region {
    owner: usize,
    index: usize,
}

const ROOT: Region = Region { owner: 0, index: 0 };

/// A first match, as an owner of regions.
struct Owner {
    parent: Region,
    depth: usize,
}

#[expect(clippy::indexing_slicing, reason = "owners are only made by `plan`")]
fn common(owners: &[Owner], mut a: Region, mut b: Region) -> Region {
    while a.owner != b.owner {
        if owners[a.owner].depth >= owners[b.owner].depth {
            a = owners[a.owner].parent;
        } else {
            b = owners[b.owner].parent;
        }
    }
    Region { owner: a.owner, index: a.index.min(b.index) }
}

/// Plans the given outputs.
pub(super) fn plan(graph: &Graph, outputs: &[Output]) -> Plan {
    let placed = Placed::new(graph, outputs);
    let mut writer =
        Writer { graph, placed: &placed, outputs, steps: Vec::new(), extra: HashMap::new(), stores: HashMap::new() };
    let mut constant_outputs = Vec::new();
    for (at, output) in outputs.iter().enumerate() {
        let ids = output.kind.operand_ids();
        match ids.into_iter().filter(|id| !graph.op(*id).is_constant()).max() {
            Some(last) => writer.stores.entry(last).or_default().push(at),
            None => constant_outputs.push(at),
        }
    }
    writer.region(ROOT);
    for at in constant_outputs {
        writer.steps.push(Step::Store(at));
    }
    let steps = writer.steps;
    allocate(graph, outputs, &placed, steps)
}

/// Which nodes are needed, and where they are computed.
struct Placed {
    /// The owner number of each needed first match.
    owner_of: HashMap<Id, usize>,
    needed: Vec<Id>,
    contents: HashMap<(usize, usize), Vec<Id>>,
}

#[expect(clippy::indexing_slicing, reason = "as many entries as nodes")]
impl Placed {
    fn new(graph: &Graph, outputs: &[Output]) -> Placed {
        let mut owners = vec![Owner { parent: ROOT, depth: 0 }];
        let mut owner_of = HashMap::new();
        let mut region: Vec<Option<Region>> = vec![None; graph.len()];
        for id in outputs.iter().flat_map(|o| o.kind.operand_ids()) {
            region[id as usize] = Some(ROOT);
        }
        let mut needed = Vec::new();
        // Users come after what they use: backwards, a node's users are all placed before it.
        for id in (0..graph.len() as Id).rev() {
            let Some(own) = region[id as usize] else { continue };
            needed.push(id);
            let mut ask = |operand: Id, wanted: Region, owners: &[Owner]| {
                let slot = &mut region[operand as usize];
                *slot = Some(slot.map_or(wanted, |now| common(owners, now, wanted)));
            };
            if let Op::First { within, rules, .. } = graph.op(id) {
                let owner = owners.len();
                owners.push(Owner { parent: own, depth: owners[own.owner].depth + 1 });
                owner_of.insert(id, owner);
                ask(*within, own, &owners);
                for (index, (mask, _)) in rules.iter().enumerate() {
                    let wanted = if index == 0 { own } else { Region { owner, index } };
                    ask(*mask, wanted, &owners);
                }
            } else {
                for operand in graph.op(id).operand_ids() {
                    ask(operand, own, &owners);
                }
            }
        }
        needed.reverse();
        let mut contents: HashMap<(usize, usize), Vec<Id>> = HashMap::new();
        for id in &needed {
            if let Some(region) = region[*id as usize].filter(|_| !graph.op(*id).is_constant()) {
                contents.entry((region.owner, region.index)).or_default().push(*id);
            }
        }
        Placed { owner_of, needed, contents }
    }
}

struct Writer<'a> {
    graph: &'a Graph,
    placed: &'a Placed,
    outputs: &'a [Output],
    steps: Vec<Step>,
    /// The "open" mask of each first match, as ids behind the graph's.
    extra: HashMap<Id, Id>,
    /// The outputs that are complete once this node is computed.
    stores: HashMap<Id, Vec<usize>>,
}

impl Writer<'_> {
    /// Writes what lies in a region, in order.
    fn region(&mut self, region: Region) {
        let Some(ids) = self.placed.contents.get(&(region.owner, region.index)) else { return };
        for id in ids {
            match self.graph.op(*id) {
                Op::First { within, rules, wide } => self.first(*id, *within, rules, *wide),
                op => self.steps.push(Step::Do(op.clone(), *id)),
            }
            // Outputs read only what lies in the root, so none completes elsewhere.
            for at in self.stores.remove(id).unwrap_or_default() {
                debug_assert!(at < self.outputs.len() && region == ROOT);
                self.steps.push(Step::Store(at));
            }
        }
    }

    fn first(&mut self, id: Id, within: Id, rules: &[(Id, u32)], wide: bool) {
        let open = (self.graph.len() + self.extra.len()) as Id;
        self.extra.insert(id, open);
        self.steps.push(Step::Open { choice: id, wide, open, within });
        let owner = self.placed.owner_of.get(&id).copied().unwrap_or(0);
        let mut skips = Vec::new();
        for (index, (mask, alternative)) in rules.iter().enumerate() {
            if self.placed.contents.contains_key(&(owner, index)) && owner != 0 {
                skips.push(self.steps.len());
                self.steps.push(Step::Skip { open, to: 0 });
                self.region(Region { owner, index });
            }
            self.steps.push(Step::Try { choice: id, wide, open, mask: *mask, alternative: *alternative as usize });
        }
        let end = self.steps.len();
        for at in skips {
            if let Some(Step::Skip { to, .. }) = self.steps.get_mut(at) {
                *to = end;
            }
        }
    }
}

impl Step {
    /// Calls `visit` on every id it reads, then on every id it writes.
    fn ids(&mut self, outputs: &mut [Output], visit: &mut dyn FnMut(&mut Id)) {
        match self {
            Step::Do(op, out) => {
                op.operands(visit);
                visit(out);
            }
            Step::Open { choice, open, within, .. } => {
                visit(within);
                visit(choice);
                visit(open);
            }
            Step::Try { choice, open, mask, .. } => {
                visit(choice);
                visit(open);
                visit(mask);
            }
            Step::Skip { open, .. } => visit(open),
            Step::Store(at) => {
                if let Some(output) = outputs.get_mut(*at) {
                    output.kind.operands(visit);
                }
            }
        }
    }
}

/// Gives every value a register from its definition to its last use. Regions only ever skip forwards, so the order of
/// the steps is enough to see that.
#[expect(clippy::indexing_slicing, reason = "as many entries as ids")]
fn allocate(graph: &Graph, outputs: &[Output], placed: &Placed, mut steps: Vec<Step>) -> Plan {
    let ids = graph.len() + steps.iter().filter(|s| matches!(s, Step::Open { .. })).count();
    let bank = |id: Id| if (id as usize) < graph.len() { graph.bank(id) } else { Bank::Bytes };
    let mut outputs = outputs.to_vec();
    let mut last_use = vec![0_usize; ids];
    for (at, step) in steps.iter_mut().enumerate() {
        step.ids(&mut outputs, &mut |id| last_use[*id as usize] = at);
    }
    let mut plan = Plan::default();
    let mut register = vec![u32::MAX; ids];
    let mut free: [Vec<u32>; 3] = Default::default();
    let mut counts = [0_u32; 3];
    let fresh = |counts: &mut [u32; 3], bank: Bank| {
        counts[bank as usize] += 1;
        counts[bank as usize] - 1
    };
    for id in &placed.needed {
        let op = graph.op(*id);
        if op.is_constant() {
            register[*id as usize] = fresh(&mut counts, graph.bank(*id));
            plan.constants.push((op.clone(), register[*id as usize]));
        }
        if let Op::NumberIn(input) | Op::DateIn(input) | Op::BoolIn(input, _) | Op::TextIn(input) = op {
            plan.inputs.push(*input);
        }
    }
    plan.inputs.sort_unstable();
    plan.inputs.dedup();
    for (at, step) in steps.iter_mut().enumerate() {
        let mut dead: Vec<Id> = Vec::new();
        step.ids(&mut outputs, &mut |id| {
            let now = *id as usize;
            if register[now] == u32::MAX {
                let bank = bank(*id);
                register[now] = free[bank as usize].pop().unwrap_or_else(|| fresh(&mut counts, bank));
            }
            let constant = now < graph.len() && graph.op(*id).is_constant();
            if last_use[now] == at && !constant && !dead.contains(id) {
                dead.push(*id);
            }
            *id = register[now];
        });
        // Only now: a result never shares the register of an operand.
        for id in dead {
            free[bank(id) as usize].push(register[id as usize]);
        }
    }
    plan.steps = steps;
    plan.outputs = outputs;
    [plan.numbers, plan.bytes, plan.words] = counts.map(|n| n as usize);
    plan
}
