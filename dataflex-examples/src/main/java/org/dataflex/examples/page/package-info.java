/** One self-contained HTML page that shows what a run did: text, tables and charts. */
package org.dataflex.examples.page;
