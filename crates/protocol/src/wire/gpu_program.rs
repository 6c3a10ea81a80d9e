//! Whether a copy of the page has the program with the WebGPU engine, which takes longer to compile than all others together.

/// How far the program with the WebGPU engine is, as a file beside the page says in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GpuProgram {
    /// It is there.
    Ready,
    /// Whoever serves the page compiles it.
    Compiling,
    /// The page was built without it.
    Absent,
    /// Whoever serves the page could not compile it.
    Failed,
}

impl GpuProgram {
    /// The file, relative to the page.
    pub const FILE: &'static str = "webgpu.txt";

    const ALL: [Self; 4] = [Self::Ready, Self::Compiling, Self::Absent, Self::Failed];

    /// What stands in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Compiling => "compiling",
            Self::Absent => "absent",
            Self::Failed => "failed",
        }
    }

    /// What a file says; `None` if that is none of the words.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == text.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_says_what_it_was_written_for() {
        for program in GpuProgram::ALL {
            assert_eq!(GpuProgram::read(&format!("{}\n", program.word())), Some(program));
        }
        assert_eq!(GpuProgram::read("<!doctype html>"), None);
    }
}
