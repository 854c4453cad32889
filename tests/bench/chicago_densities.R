# Prints the CPU seconds and the peak of densities on the streets of Chicago by spatstat.linnet, a
# rule a line.
# usage: Rscript chicago_densities.R FOLDER ROUNDS; starting R and reading files does not count
arguments <- commandArgs(trailingOnly = TRUE)
suppressMessages(library(spatstat.linnet))
read <- function(name) read.csv(file.path(arguments[1], paste0("spatstat_chicago_", name, ".csv")))
vertices <- read("vertices")
edges <- read("edges")
points <- read("points")
window <- owin(range(vertices$x) + c(-1, 1), range(vertices$y) + c(-1, 1))
streets <- linnet(ppp(vertices$x, vertices$y, window = window), edges = cbind(edges$u, edges$v) + 1)
crimes <- lpp(points[, c("x", "y")], streets)
rules <- list(
  heat = function() densityHeat(crimes, 60, dx = 2),
  continuous = function() densityEqualSplit(crimes, 60, continuous = TRUE, verbose = FALSE),
  discontinuous = function() densityEqualSplit(crimes, 60, continuous = FALSE, verbose = FALSE)
)
for (name in names(rules)) {
  seconds <- numeric(0)
  for (round in seq_len(as.integer(arguments[2]))) {
    seconds <- c(seconds, sum(system.time(density <- rules[[name]]())[1:2]))
  }
  cat(name, min(seconds), max(density), "\n")
}
