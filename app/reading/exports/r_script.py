"""An R script that repeats the main tests from the long CSV and fits the ordinal mixed model."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.files import replacing
from app.reading.analysis.comparison import Design

_HEAD: Final = """\
# Repeats the main figures of this reader study from ratings.csv, apart from Reading Room.
# Run in this folder: Rscript analysis.R
# Needs base R; 'ordinal', 'lme4' for the mixed model, 'brunnermunzel' and 'irr' where installed.

codes <- c("reader", "item", "case", "arm", "repeat_of", "comment")
ratings <- read.csv("ratings.csv", fileEncoding = "UTF-8", na.strings = character(),
                    colClasses = setNames(rep("character", length(codes)), codes))
ratings <- subset(ratings, training == 0 & repeat_of == "")
ratings$arm <- factor(ratings$arm, levels = c("human", "machine"))
margin <- {margin!r}
set.seed({seed})

cat("Share of each score per arm, %\\n")
print(round(100 * prop.table(table(ratings$arm, factor(ratings$score, levels = 1:5)), 1), 1))

acceptable <- tapply(ratings$score >= 4, ratings$arm, sum)
asked <- tapply(ratings$score, ratings$arm, length)
cat("\\nAcceptable (score of 4 or 5), Wilson's interval\\n")
for (arm in levels(ratings$arm)) {{
  interval <- prop.test(acceptable[arm], asked[arm], correct = FALSE)$conf.int
  cat(sprintf("%-8s %d of %d, %.1f %% (%.1f to %.1f)\\n", arm, acceptable[arm], asked[arm],
              100 * acceptable[arm] / asked[arm], 100 * interval[1], 100 * interval[2]))
}}

# The case is the independent observation: readers are averaged.
means <- aggregate(score ~ case + arm, data = ratings, FUN = mean)
human <- means[means$arm == "human", ]
machine <- means[means$arm == "machine", ]
"""

_UNPAIRED: Final = """
difference <- mean(machine$score) - mean(human$score)
drawn <- replicate(10000, mean(sample(machine$score, replace = TRUE)) -
                          mean(sample(human$score, replace = TRUE)))

print(wilcox.test(machine$score, human$score, exact = FALSE, correct = TRUE))
if (requireNamespace("brunnermunzel", quietly = TRUE))
  print(brunnermunzel::brunnermunzel.test(human$score, machine$score))
"""

_PAIRED: Final = """
both <- merge(human, machine, by = "case", suffixes = c(".human", ".machine"))
pair <- both$score.machine - both$score.human
difference <- mean(pair)
drawn <- replicate(10000, mean(sample(pair, replace = TRUE)))

# R drops zero differences (Wilcoxon); Reading Room keeps them in the ranking (Pratt).
print(wilcox.test(both$score.machine, both$score.human, paired = TRUE, exact = FALSE))
"""

_TAIL: Final = """
cat("Mean difference, machine - human (over cases in both arms where paired)\\n")
interval <- quantile(drawn, c(0.025, 0.975))
cat(sprintf("%.3f (95 %% %.3f to %.3f); margin %.2f: %s\\n", difference, interval[1], interval[2],
            margin, if (interval[1] > -margin) "non-inferior" else "non-inferiority not shown"))

# The ordinal mixed model: readers and cases as random effects; exp(armmachine) is the odds ratio
# of a higher score for the machine's report.
if (requireNamespace("ordinal", quietly = TRUE)) {
  ratings$ordered <- factor(ratings$score, levels = sort(unique(ratings$score)), ordered = TRUE)
  model <- ordinal::clmm(ordered ~ arm + (1 | reader) + (1 | case), data = ratings)
  print(summary(model))
  cat(sprintf("Odds ratio for the machine %.2f\\n", exp(coef(model)["armmachine"])))
} else if (requireNamespace("lme4", quietly = TRUE)) {
  cat("Package 'ordinal' is missing; linear mixed model instead.\\n")
  print(summary(lme4::lmer(score ~ arm + (1 | reader) + (1 | case), data = ratings)))
} else {
  cat("Install the package 'ordinal' for the ordinal mixed model.\\n")
}

# Agreement of readers, quadratic weights.
if (requireNamespace("irr", quietly = TRUE)) {
  wide <- reshape(ratings[, c("item", "reader", "score")], idvar = "item", timevar = "reader",
                  direction = "wide")
  scores <- wide[, -1, drop = FALSE]
  if (ncol(scores) >= 2)
    for (pair in combn(ncol(scores), 2, simplify = FALSE))
      print(irr::kappa2(scores[, pair], weight = "squared"))
  if (ncol(scores) >= 2) print(irr::kripp.alpha(t(as.matrix(scores)), method = "ordinal"))
}
"""


def write(design: Design, margin: float, seed: int, file: Path) -> None:
    """Write the script beside ``ratings.csv``."""
    middle = _UNPAIRED if design == "unpaired" else _PAIRED
    with replacing(file, encoding="utf-8", newline="\n") as handle:
        handle.write(_HEAD.format(margin=float(margin), seed=seed) + middle + _TAIL)
