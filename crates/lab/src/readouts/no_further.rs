//! In place of [`further`](super::further) in a program whose methods ask for none of it: there is no stream, and nothing to measure.

use data::{Dataset, Seed, Tampering};
use protocol::{Event, ModelId, Quantity, Stage};

use crate::images::TestImages;
use crate::plan::Plan;
use crate::runner::{Active, Runner};
use crate::{Answers, Engine, Inputs, Kept, LabError, Model};

/// Nothing.
pub(crate) struct Further;

impl Further {
    pub(crate) fn new(_: &Plan, _: &Dataset, _: &TestImages, _: Option<Tampering>, _: Seed) -> Result<Self, LabError> {
        Ok(Self)
    }

    pub(crate) fn opening(&self) -> Option<Event> {
        None
    }
}

pub(crate) fn asks_by_place(_: &Dataset) -> bool {
    false
}

pub(crate) fn quantities_by_place() -> Vec<Quantity> {
    Vec::new()
}

pub(crate) fn quantities(_: &Plan, _: &Dataset) -> Vec<Quantity> {
    Vec::new()
}

pub(crate) fn quantities_of_cost(_: &Plan, _: &Dataset) -> Vec<Quantity> {
    Vec::new()
}

/// There is none.
pub(crate) enum Queries {}

impl Queries {
    pub(crate) fn items(&self) -> &Inputs {
        match *self {}
    }

    pub(crate) fn domain(&self) -> usize {
        match *self {}
    }
}

/// There are none.
pub(crate) enum StreamItems {}

impl StreamItems {
    pub(crate) fn new(_: &TestImages, _: &Stage, _: Seed) -> Result<Self, LabError> {
        Err(LabError::Missing("The part of this program that answers a stream".to_owned()))
    }

    pub(crate) fn steps(&self) -> Result<u32, LabError> {
        match *self {}
    }

    pub(crate) fn batch(&self, _: u32, _: &TestImages, _: &Dataset, _: &Engine) -> Result<Queries, LabError> {
        match *self {}
    }

    pub(crate) fn write(&self) -> Vec<f32> {
        match *self {}
    }

    pub(crate) fn restore(&mut self, _: &[f32]) -> Result<(), LabError> {
        match *self {}
    }
}

impl Runner {
    pub(crate) async fn further_live(&self, _: &Active) -> Result<Vec<Event>, LabError> {
        Ok(Vec::new())
    }

    pub(crate) async fn further(&mut self, _: ModelId, _: &dyn Model) -> Result<Vec<Event>, LabError> {
        Ok(Vec::new())
    }

    pub(crate) fn further_tables(&self) -> Vec<Event> {
        let Further = self.further;
        Vec::new()
    }

    pub(crate) async fn answered(
        &self,
        _: (ModelId, u32),
        stream: &mut StreamItems,
        _: &Queries,
        _: Answers,
    ) -> Result<Option<Event>, LabError> {
        match *stream {}
    }

    pub(crate) fn end_stream(&self, _: ModelId, stream: &mut StreamItems, _: &mut Kept) -> Result<(), LabError> {
        match *stream {}
    }
}
