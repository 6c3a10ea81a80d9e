//! The pages of the tours.

use protocol::Choice;

use super::{Page, Progress};
use crate::view::chrome::operations::Act;
use crate::view::instruments::strips::Filter;

const fn page(
    region: &'static str,
    title: &'static str,
    text: &'static str,
    task: &'static str,
    done: fn(&Progress) -> bool,
) -> Page {
    Page { region, title, text, task, done }
}

/// A page that is only read.
const fn read(region: &'static str, title: &'static str, text: &'static str) -> Page {
    page(region, title, text, "", |_| true)
}

pub(super) static BREAKS: [Page; 5] = [
    page(
        "matrix",
        "New queries, old vectors",
        "The index holds vectors by the old model, v1. A row is the model that embeds the queries, a column the model that \
         indexed the items. In new/old, v2 asks the index as it is: that is the cross-test.",
        "Have a finished run on show, such as the recorded one of Extended class.",
        |it| it.measured,
    ),
    page(
        "strips",
        "Better on average, worse for some",
        "Even where new/old is above old/old, some queries that were answered rightly no longer are. These negative flips \
         are what users notice.",
        "Press \u{201c}newly broken\u{201d} and compare the rows old/old and new/old.",
        |it| it.filter == Filter::Broken,
    ),
    page(
        "transport",
        "When it broke",
        "Everything on the page can go back to any moment of the run. While v2 trains, queries break and are mended again; \
         the ledger beside the strips says at which step each one last turned.",
        "Drag the thumb on the progress bar back into the training of v2.",
        |it| it.looking_back,
    ),
    page(
        "curves",
        "The cross-test over the training",
        "The cross-test rises with the self-test of v2 only as far as the method ties both models together. The level of \
         old/old is what it has to get above.",
        "Press \u{201c}Newest\u{201d} below the progress bar.",
        |it| !it.looking_back,
    ),
    read(
        "matrix",
        "The verdict",
        "An upgrade is compatible if new/old is above old/old. Under the verdict stand its update gain, the share of the best \
         possible gain that arrives without re-indexing, and the rates of negative and positive flips.",
    ),
];

pub(super) static METHOD: [Page; 6] = [
    page(
        "matrix",
        "Two models that never met",
        "v2* is the same model trained without regard to v1. It may be the better model, and still its queries find far less \
         in the v1 gallery than in its own: the axes of one space mean nothing in the other.",
        "Have a finished run on show, such as the recorded one of Extended class.",
        |it| it.measured,
    ),
    page(
        "setup",
        "Take the method away",
        "The method says how the new model is tied to the old one while it trains. Independent ties nothing.",
        "Choose Independent as the method of v2.",
        |it| it.chosen == Choice::PLAIN,
    ),
    page(
        "transport",
        "Run it",
        "The run trains v1 and v2 in this page, which takes about half a minute at full speed. Watch new/old in the matrix.",
        "Press Reset, then Play, and wait for the verdict.",
        |it| it.measured && it.method == Choice::PLAIN,
    ),
    page(
        "setup",
        "Now with BT\u{b2}",
        "BT\u{b2} adds a few dims to the new vectors and turns the space so that its old part stays readable to v1.",
        "Choose BT\u{b2} as the method of v2.",
        |it| it.chosen == "bt2",
    ),
    page(
        "transport",
        "Run it again",
        "Same seed, same images, same start: what differs from the run before is the method alone.",
        "Press Reset, then Play, and wait for the verdict.",
        |it| it.measured && it.method == "bt2",
    ),
    read(
        "matrix",
        "What it bought",
        "If new/old is above old/old now, by mAP and by top-1, the switch pays before a single item is re-embedded. The tax is \
         what the self-test of v2 loses against v2*: the price of staying compatible, if there is one.",
    ),
];

pub(super) static OPERATION: [Page; 6] = [
    page(
        "operations",
        "An index in use",
        "The bar shows whose vectors the index holds: hatched is v1. Beside it stands what queries find now, and what it took \
         to get there.",
        "Have a finished run on show, such as the recorded one of Extended class.",
        |it| it.measured,
    ),
    page(
        "operations",
        "Deploy",
        "From now on queries are embedded by v2, while all items are still by v1. With compatible models that is a gain from \
         the first query on; otherwise the page asks first.",
        "Press Deploy v2.",
        |it| it.operation.has(Act::Deploy),
    ),
    page(
        "operations",
        "Keep a way back",
        "With dual-write, re-embedded items keep their old vector as well. It costs storage and makes a rollback free. It has \
         to start before the backfill.",
        "Press Dual-write.",
        |it| it.operation.has(Act::DualWrite),
    ),
    page(
        "operations",
        "Backfill",
        "Item after item is embedded again by v2. What queries find at each share was measured, not interpolated; the order of \
         the items decides how early the gain comes.",
        "Move the slider to 50 % or more.",
        |it| it.operation.share() >= 50,
    ),
    page(
        "operations",
        "Cut over",
        "Once all items are by v2, the new index alone answers.",
        "Move the slider to 100 % and press Cut over.",
        |it| it.operation.has(Act::CutOver),
    ),
    page(
        "operations",
        "And back",
        "Something went wrong after the switch? With dual-write the old vectors are still there.",
        "Press Roll back, and see what it costs.",
        |it| it.operation.has(Act::RollBack),
    ),
];

/// A page that begins a tour of a kind of change.
const fn begin(title: &'static str, text: &'static str, task: &'static str) -> Page {
    page("timeline", title, text, task, |it| it.finished)
}

pub(super) static STREAM: [Page; 4] = [
    begin(
        "One task after another",
        "Each card is the model after one more task. The data of a task are there once, so a later model may have lost what an \
         earlier one knew. Beside each, with a star, stands one that was trained on everything so far.",
        "Have a finished run of a stream on show, such as the recorded one of Five tasks.",
    ),
    read(
        "tables",
        "What each model still knows",
        "A row is a model, a column a task. Read down a column: its first number says what the task was worth when it was \
         learned, those below it what is left of that.",
    ),
    read(
        "matrix",
        "And what its queries find",
        "A model that forgets may have left the space of its galleries, too. Rows are models that ask, columns the galleries \
         that are asked: a frozen encoder leaves every one of them readable.",
    ),
    page(
        "setup",
        "Another way to learn",
        "NMC freezes the encoder and counts means of classes. Sequential fine-tuning forgets, EWC holds what mattered, and \
         rehearsal keeps a few items of each class.",
        "Open the Library (L), find EWC or Sequential, and press Run it.",
        |it| ["ewc", "sequential"].contains(&it.method.as_str()),
    ),
];

pub(super) static MERGE: [Page; 4] = [
    begin(
        "One start, two branches",
        "One model went to two teams, and each went on from it with classes of its own. The last model is made of the weights of \
         both, without their data and without a step of training.",
        "Have a finished merge on show, such as the recorded one of Two models, one wanted.",
    ),
    read(
        "tables",
        "Who knows what",
        "A row is a model, a column a group of classes. Each branch is best at its own and has lost some of the other\u{2019}s: what \
         does the merged model keep of either?",
    ),
    read(
        "matrix",
        "Two galleries to serve",
        "Both teams have an index. The queries of the merged model are asked in the gallery of each branch, as it is.",
    ),
    page(
        "setup",
        "How much of whom",
        "Fisher merging weighs each number by how much it mattered to its branch. The average takes half of each, task arithmetic \
         adds up what both have changed.",
        "Open the Library (L), find Weight average, and press Run it.",
        |it| it.method == "average",
    ),
];

pub(super) static UNLEARN: [Page; 3] = [
    begin(
        "Something has to go",
        "The first model was trained on data of which some should not have been there. The cleaned one goes on from its weights. \
         Beside it, with a star, stands the measure of all: one that never saw them.",
        "Have a finished run of this kind on show.",
    ),
    read(
        "tables",
        "Gone, and at what price",
        "Two numbers count: what is left of what was to be forgotten, and what is left of the rest. The model that was trained \
         without shows how far both can go.",
    ),
    read(
        "matrix",
        "Unanswered, but still found?",
        "A classifier can stop answering while the embedding still holds what it knew. Queries against both galleries tell.",
    ),
];

pub(super) static ADAPT: [Page; 3] = [
    begin(
        "The same weights, other inputs",
        "The model was trained on clean inputs and meets others in use. It gets no labels: what it can change are the statistics \
         of what it sees, and perhaps a few of its weights.",
        "Have a finished run of this kind on show.",
    ),
    read(
        "tables",
        "Worse by how much",
        "Each kind and strength of corruption has its own number. Compare the model as it was trained with what it becomes while \
         it adapts.",
    ),
    read(
        "numbers",
        "Answers on the way",
        "An answer counts as it was given, before the model took anything from its batch. Papers warn of small batches and of \
         inputs in the order of their classes: both can be set under Data.",
    ),
];

pub(super) static SEQUENCE: [Page; 3] = [
    begin(
        "Models that read in order",
        "The model reads a sequence and keeps a state. What it can keep depends on how the state may move, and a later stage may \
         go on from a checkpoint with more freedom than it was trained with.",
        "Have a finished run of this kind on show.",
    ),
    read(
        "tables",
        "Longer than in training",
        "Short sequences can be learned by heart. Only a model that found the rule is still right at lengths that it never saw.",
    ),
    read(
        "numbers",
        "When it found the rule",
        "Such a model often guesses for a long time and then knows. The curves show at which step, and a second seed whether that \
         was luck.",
    ),
];

pub(super) static GENERATE: [Page; 3] = [
    begin(
        "Models that make things",
        "The model starts from noise and moves it to where the data are. The next one learns to go there in fewer steps, from \
         what the one before has made.",
        "Have a finished run of this kind on show.",
    ),
    page(
        "exhibits",
        "Watch it form",
        "What the model makes is shown as it was at the moment on show. Points between the modes are what it gets wrong, and an \
         empty mode is one that it forgot.",
        "Drag the thumb on the progress bar back into the training.",
        |it| it.looking_back,
    ),
    read(
        "numbers",
        "How far from the data",
        "Distances between what is made and what is there fall as the model learns. Look at the ones for few steps: making a \
         sample in one step is what the second model is for.",
    ),
];
