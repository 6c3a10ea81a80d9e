//! What a sweep tries: methods times seeds, and of one method a number at several values.

use protocol::{
    Catalogue, Choice, EngineKind, Kind, MethodCard, Parameter, PhaseKind, RunLog, Scenario, StepTimes, run_fields,
    view_setting, with_view_setting,
};

use crate::view::chrome::form::{ChoiceTarget, with_method};
use crate::view::draw::format;

/// Most seeds of a sweep.
pub const SEEDS: u32 = 10;
/// Most runs of a sweep.
pub const RUNS: usize = 48;

/// Settings of an address that hold a plan.
const METHODS: &str = "sweep";
const COUNT: &str = "sweep.seeds";
const VARIED: &str = "sweep.varied";
const VALUES: &str = "sweep.values";

/// What the form asks for; the method of the scenario's last stage is what varies, in a stream that of all its tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Ids of methods of the last stage.
    pub methods: Vec<String>,
    /// How many seeds, from the scenario's own on.
    pub seeds: u32,
    /// The number that takes several values, as [`Plan::parameters`] names it; empty for none.
    pub varied: String,
    /// Its values as a text: numbers between commas, or `0 to 2 in 5` for five of equal distance.
    pub values: String,
}

/// A run to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Position of its group: runs that differ in the seed alone.
    pub group: usize,
    /// What it is called.
    pub name: String,
    /// What is run, settled.
    pub scenario: Scenario,
}

/// A number of a method that can take several values.
pub struct Varied<'a> {
    /// Tells it from others.
    pub id: String,
    /// What a person reads.
    pub label: String,
    /// Its method.
    pub method: &'a MethodCard,
    /// Its bounds.
    pub parameter: &'a Parameter,
}

impl Default for Plan {
    fn default() -> Self {
        Self { methods: Vec::new(), seeds: 3, varied: String::new(), values: String::new() }
    }
}

/// The methods to choose from, or why there is nothing to sweep over.
///
/// # Errors
/// A sentence, where the scenario has no upgrade.
pub fn choices(base: &Scenario, catalogue: &Catalogue) -> Result<Vec<(String, String)>, String> {
    match base.stages.len() {
        ..=1 => Err("The scenario has one model and no upgrade; a sweep is over methods of an upgrade.".to_owned()),
        count => Ok(ChoiceTarget::Method(count - 1).options(base, catalogue)),
    }
}

impl Plan {
    /// The plan that an address asks for, if it is of a sweep. What it names and nobody knows is left out of the runs.
    pub fn of_link(fragment: &str) -> Option<Self> {
        let methods = view_setting(fragment, METHODS)?;
        let text = |name| view_setting(fragment, name).unwrap_or_default();
        Some(Self {
            methods: methods.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
            seeds: text(COUNT).parse().unwrap_or(Self::default().seeds),
            varied: text(VARIED),
            values: text(VALUES),
        })
    }

    /// What it names and this version does not know, in sentences.
    pub fn unknown(&self, catalogue: &Catalogue) -> Vec<String> {
        let known = |id: &&String| catalogue.methods.iter().any(|card| card.id == **id);
        let methods = self.methods.iter().filter(|id| !known(id)).map(|id| format!("a method '{id}'"));
        let varied = self.varied(catalogue).is_none() && !self.varied.is_empty();
        let varied = varied.then(|| format!("a number '{}' of a chosen method", self.varied));
        let sentence =
            |what| format!("The link's sweep names {what}, which this version does not know; it is left out.");
        methods.chain(varied).map(sentence).collect()
    }

    /// The fragment of a scenario with this beside it.
    pub fn beside(&self, link: &str) -> String {
        let seeds = self.seeds.to_string();
        let methods = self.methods.join(",");
        let parts = [(METHODS, &methods), (COUNT, &seeds), (VARIED, &self.varied), (VALUES, &self.values)];
        let said = parts.into_iter().filter(|(name, text)| *name == METHODS || !text.is_empty());
        said.fold(link.to_owned(), |link, (name, text)| with_view_setting(&link, name, text))
    }

    /// The numbers of the chosen methods, in the order of the catalogue.
    pub fn parameters<'a>(&self, catalogue: &'a Catalogue) -> Vec<Varied<'a>> {
        let chosen = catalogue.methods.iter().filter(|card| self.methods.contains(&card.id));
        let numbers = chosen.flat_map(|method| method.parameters.iter().map(move |parameter| (method, parameter)));
        let varied = |(method, parameter): (&'a MethodCard, &'a Parameter)| Varied {
            id: format!("{}/{}", method.id, parameter.id),
            label: format!("{}: {}", method.name, parameter.label),
            method,
            parameter,
        };
        let is_number = |it: &(_, &Parameter)| matches!(it.1.kind, Kind::Real { .. } | Kind::Integer { .. });
        numbers.filter(is_number).map(varied).collect()
    }

    /// The number that takes several values, if its method is chosen.
    pub fn varied<'a>(&self, catalogue: &'a Catalogue) -> Option<Varied<'a>> {
        self.parameters(catalogue).into_iter().find(|it| it.id == self.varied)
    }

    /// The runs, the first seed of everything first, and the name of each group.
    ///
    /// # Errors
    /// A sentence with the bound that the plan does not keep.
    pub fn jobs(&self, base: &Scenario, catalogue: &Catalogue) -> Result<(Vec<String>, Vec<Job>), String> {
        let groups = self.groups(base, catalogue)?;
        if !(1..=SEEDS).contains(&self.seeds) {
            return Err(format!("The number of seeds must lie in 1 to {SEEDS}."));
        }
        let runs = groups.len() * self.seeds as usize;
        if runs > RUNS {
            return Err(format!("These are {runs} runs; a sweep has {RUNS} at most."));
        }
        let last = base.seed.saturating_add(u64::from(self.seeds) - 1);
        let seed = run_fields().into_iter().find(|field| field.parameter.id == "seed");
        if let Some(parameter) = seed.map(|field| field.parameter) {
            within(&parameter, last as f64)?;
        }
        let job = |seed: u64, group: usize, (name, choice): &(String, Choice)| {
            let mut scenario = Scenario { seed, ..with_method(base, catalogue, choice) };
            // The base is settled and the values were looked at, so there is nothing to be said.
            scenario.settle(catalogue);
            Job { group, name: format!("{name}, seed {seed}"), scenario }
        };
        let of_seed = |seed| groups.iter().enumerate().map(move |(group, it)| job(seed, group, it)).collect::<Vec<_>>();
        let jobs = (base.seed..=last).flat_map(of_seed).collect();
        Ok((groups.into_iter().map(|(name, _)| name).collect(), jobs))
    }

    /// Name and method of each group.
    fn groups(&self, base: &Scenario, catalogue: &Catalogue) -> Result<Vec<(String, Choice)>, String> {
        let possible = choices(base, catalogue)?;
        let varied = self.varied(catalogue);
        let own = base.stages.last().map(|stage| &stage.method);
        let mut groups = Vec::new();
        for (id, name) in possible.into_iter().filter(|(id, _)| self.methods.contains(id)) {
            // The method of the form as it stands there, others with their defaults.
            let choice = own.filter(|own| own.id == id).cloned().unwrap_or_else(|| Choice::of(&id));
            match varied.as_ref().filter(|varied| varied.method.id == id) {
                Some(Varied { parameter, .. }) => {
                    for value in values(&self.values, parameter)? {
                        let name = format!("{name}, {} {}", parameter.label, format::setting(value));
                        groups.push((name, choice.clone().with(&parameter.id, value)));
                    }
                }
                None => groups.push((name, choice)),
            }
        }
        if groups.is_empty() { Err("Choose at least one method.".to_owned()) } else { Ok(groups) }
    }
}

/// The values of a text, each once, in its order.
fn values(text: &str, parameter: &Parameter) -> Result<Vec<f64>, String> {
    let mut values = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((from, rest)) = part.split_once(" to ") else {
            values.push(number(part, parameter)?);
            continue;
        };
        let (to, count) = rest.split_once(" in ").unwrap_or((rest, ""));
        let count = count.trim().parse().ok().filter(|count| (2..=RUNS).contains(count));
        let count = count.ok_or_else(|| {
            format!(
                "'{part}' does not say in how many values, 2 to {RUNS}; write it as '{} to {to} in 5'.",
                from.trim()
            )
        })?;
        let (from, to) = (number(from, parameter)?, number(to, parameter)?);
        let spread = |at: usize| from + (to - from) * at as f64 / (count - 1) as f64;
        // Without the dust of the division.
        values.extend((0..count).map(|at| parameter.nearest((1e9 * spread(at)).round() / 1e9)));
    }
    let mut kept: Vec<f64> = Vec::new();
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    let example = "as '0.1, 1, 10' or '0 to 2 in 5'";
    if kept.is_empty() { Err(format!("Say which values {} takes, {example}.", parameter.label)) } else { Ok(kept) }
}

fn number(text: &str, parameter: &Parameter) -> Result<f64, String> {
    let value = text.trim().parse().map_err(|_| format!("'{}' is no number.", text.trim()))?;
    within(parameter, value)?;
    if parameter.nearest(value) != value {
        return Err(format!("{} is {value}, but must be a whole number.", parameter.label));
    }
    Ok(value)
}

/// Refuses a value beyond the bounds.
fn within(parameter: &Parameter, value: f64) -> Result<(), String> {
    let (min, max) = parameter.bounds();
    match (min..=max).contains(&value) {
        true => Ok(()),
        false => Err(format!("{} is {value}, but must lie in {min} to {max}.", parameter.label)),
    }
}

/// Seconds of training that so many runs take, with what is measured along the way, if `log` is of a run like them on
/// the CPU: one that differs at most in its seed and in the method of its last stage. `None` where nothing is known.
pub fn estimate(log: &RunLog, base: &Scenario, runs: usize, workers: usize) -> Option<f64> {
    let bare = |scenario: &Scenario| {
        let mut bare = Scenario { seed: 0, preset: String::new(), ..scenario.clone() };
        if let Some(stage) = bare.stages.last_mut() {
            stage.method = Choice::default();
        }
        bare
    };
    let alike = bare(log.scenario.as_ref()?) == bare(base);
    let on_cpu = log.engine.as_ref().is_some_and(|engine| engine.kind == EngineKind::Cpu);
    if !(alike && on_cpu) {
        return None;
    }
    let times = StepTimes::of(log);
    let trained = log.plan.iter().filter(|phase| phase.kind == PhaseKind::Train);
    let ms: Option<f64> = trained.map(|phase| Some(f64::from(phase.steps) * times.ms(phase.model)?)).sum();
    // Models that came with the data were not trained.
    let seconds = ms.filter(|&ms| ms > 0.0)? / 1000.0;
    Some(seconds * runs.div_ceil(workers.max(1)) as f64)
}
