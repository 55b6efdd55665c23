/** What a run's files tell: a page about one run, a page that compares runs, a sample's history. */
package org.dataflex.examples.report;
